#!/usr/bin/env bash
# Packages the service for every kind of stage, and checks the CloudFormation templates. cfn-lint finds what AWS would
# refuse or ignore; checkov finds what a security review would object to. cfn-lint.yaml and checkov.yaml beside this
# file say what they must not report, and why.
#
# Needs python3 with venv. Installs both tools from PyPI into .sluice/, once for each change of requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
settings=build/lint-templates
work=.sluice/lint-templates
venv=$work/venv-$(cksum <"$settings/requirements.txt" | cut -d' ' -f1)

if [ ! -e "$venv/complete" ]; then
  echo "Installing $(paste -sd' ' "$settings/requirements.txt") ..."
  rm -rf "$work"/venv-*
  python3 -m venv "$venv" || { echo 'python3 with its venv module is needed (Debian: apt-get install python3-venv)' >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$settings/requirements.txt"
  touch "$venv/complete"
fi

templates=()
# package <stage> <options>: one of our stages, or any other name.
package() {
  local folder=$work/$1
  rm -rf "$folder"
  npx --no-install serverless package --stage "$1" --package "$folder" "${@:2}" >"$work/$1.log" 2>&1 || {
    cat "$work/$1.log" >&2
    exit 1
  }
  templates+=("$folder/cloudformation-template-update-stack.json")
}

export ALARM_EMAIL=
for stage in local demo test alice production; do package "$stage"; done
# With everything that is optional.
ALARM_EMAIL=operations@example.com package prod --param reservedConcurrency=20

"$venv/bin/cfn-lint" --config-file "$settings/cfn-lint.yaml" -- "${templates[@]}"
files=()
for template in "${templates[@]}"; do files+=(--file "$template"); done
LOG_LEVEL=ERROR "$venv/bin/checkov" --config-file "$settings/checkov.yaml" "${files[@]}"

"$venv/bin/python" - "${templates[@]}" <<'PYTHON'
import json, sys
for path in sys.argv[1:]:
    with open(path) as file:
        resources = json.load(file)["Resources"]
    print(f"{path}: {len(resources)} resources, no findings")
PYTHON
echo "$(paste -sd' ' "$settings/requirements.txt"): ${#templates[@]} templates pass"
