import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENVIRONMENT, openAccount, resourcesOf } from './account.ts';
import { serverless } from './cli.ts';
import { freePort } from './implementations/server.ts';

/** Each command may have to wait for another file's deployment. */
const LIMIT_MS = 240_000;
const { AWS_ENDPOINT_URL: _, AWS_ACCESS_KEY_ID: __, AWS_SECRET_ACCESS_KEY: ___, ...NOT_LOGGED_IN } = ENVIRONMENT;

const account = openAccount();
afterAll(() => {
  for (const client of Object.values(account)) client.destroy();
});

/** @returns what follows `Error:` in the output of a command that must fail, without a stack trace */
async function refusal(command: string, env: object): Promise<string> {
  const { code, output } = await serverless(command, { ...ENVIRONMENT, ...env });
  expect({ code, output }).toMatchObject({ code: 1 });
  expect(output).not.toMatch(/^ +at /m);
  return output.slice(output.lastIndexOf('Error:'));
}

describe('a deployment is refused clearly', () => {
  test.each([
    ['capitals', 'Alice', /"Alice" cannot be a stage: .*1 to 30 lower-case letters, digits and hyphens/],
    ['31 characters', 'a'.repeat(31), /cannot be a stage: .*1 to 30 lower-case letters/],
    ['signs', 'My_Stage!', /Stage names may contain only ASCII letters, numbers, and hyphens/],
  ])(
    'when the stage has %s',
    async (_name, stage, message) => {
      expect(await refusal(`deploy --stage ${stage}`, {})).toMatch(message);
      expect(await resourcesOf(stage.toLowerCase(), account)).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each(['deploy --stage local', 'remove --stage bob'])(
    'when nothing listens at the endpoint: %s',
    async (command) => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const message = await refusal(command, { AWS_ENDPOINT_URL: url });
      expect(message).toContain(
        `belongs to ${url}, since AWS_ENDPOINT_URL says so, and nothing listens there (ECONNREFUSED)`,
      );
      expect(message).toContain('localstack/README.md');
    },
    LIMIT_MS,
  );

  test(
    'when there are no credentials',
    async () => {
      const { code, output } = await serverless('deploy --stage prod', NOT_LOGGED_IN);
      expect(code).toBe(1);
      expect(output).toContain('AWS provider credentials not found');
    },
    LIMIT_MS,
  );

  test(
    'when the credentials are wrong',
    async () => {
      // The cloud under test takes any credentials; this one answers as AWS does to unknown ones.
      const sts = createServer((_request, response) => {
        response.writeHead(403, { 'content-type': 'text/xml' }).end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>
         <Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>`,
        );
      });
      await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
        const message = await refusal('deploy --stage bob', { AWS_ENDPOINT_URL: url });
        expect(message).toContain('The security token included in the request is invalid');
      } finally {
        sts.closeAllConnections();
        sts.close();
      }
    },
    LIMIT_MS,
  );

  test(
    'when there is no such region',
    async () => {
      const message = await refusal('deploy --stage bob', { AWS_REGION: 'atlantis-1' });
      expect(message).toMatch(/'provider\.region': must be equal to one of the allowed values \[us-east-1/);
    },
    LIMIT_MS,
  );
});

describe('without a cloud', () => {
  test.each(['package --stage bob'])(
    '%s works',
    async (command) => {
      const { code, output } = await serverless(command, { ...ENVIRONMENT, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
      expect({ code, output }).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});
