import type { Permissions } from '../permissions/permissions.ts';
import type { Statement } from '../permissions/policy.ts';
import { type Creator, generatedName } from '../template/creation.ts';
import type { Properties } from '../template/template.ts';

interface Settings {
  permissions: Permissions;
  accountId: string;
  stackName: string;
}

/** AWS::IAM::Role. It decides what its functions may call. */
export function roleCreator({ permissions, accountId, stackName }: Settings): Creator {
  return ({ id, properties }, note) => {
    const name = properties.RoleName ?? generatedName(stackName, id);
    const Arn = arnOf(name, accountId);
    permissions.addToRole(Arn, (properties.Policies ?? []).flatMap(statementsOf));
    if (properties.ManagedPolicyArns?.length) {
      permissions.addToRole(Arn, 'unknown');
      note('it has managed policies, whose content is not known: nothing is denied to it');
    }
    return { ref: name, attributes: { Arn, RoleId: name } };
  };
}

/** AWS::IAM::Policy of a role. */
export function policyCreator({ permissions, accountId }: Settings): Creator {
  return ({ id, properties }) => {
    for (const role of properties.Roles ?? []) permissions.addToRole(arnOf(role, accountId), statementsOf(properties));
    return { ref: id, attributes: { Id: id } };
  };
}

const arnOf = (name: string, accountId: string) => `arn:aws:iam::${accountId}:role/${name}`;

const statementsOf = ({ PolicyDocument }: Properties): Statement[] => [PolicyDocument?.Statement ?? []].flat();
