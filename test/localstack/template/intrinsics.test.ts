// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Fn::Sub is written
import { type Created, Intrinsics } from '../../../localstack/template/intrinsics.ts';
import { creationOrder } from '../../../localstack/template/order.ts';
import { type Template, TemplateError } from '../../../localstack/template/template.ts';

const created = new Map<string, Created>([
  ['Queue', { ref: 'http://q', attributes: { Arn: 'arn:q', 'Nested.Name': 'deep' } }],
]);
const template: Template = {
  Resources: {},
  Conditions: {
    IsLocal: { 'Fn::Equals': [{ Ref: 'AWS::StackName' }, 'sluice-local'] },
    IsNot: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
    Both: { 'Fn::And': [{ Condition: 'IsLocal' }, { 'Fn::Or': [{ Condition: 'IsNot' }, { Condition: 'IsLocal' }] }] },
  },
  Parameters: { Size: { Default: 5 } },
  Mappings: { Sizes: { small: { memory: 128 } } },
};
const intrinsics = new Intrinsics(template, created, {
  region: 'us-east-1',
  accountId: '000000000000',
  stackName: 'sluice-local',
});

describe('intrinsic functions', () => {
  test.each<[unknown, unknown]>([
    [{ Ref: 'Queue' }, 'http://q'],
    [{ Ref: 'Size' }, 5],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:q'],
    [{ 'Fn::GetAtt': 'Queue.Nested.Name' }, 'deep'],
    [
      { 'Fn::Sub': 'a ${Queue} ${Queue.Arn} ${AWS::AccountId} ${!Literal}' },
      'a http://q arn:q 000000000000 ${Literal}',
    ],
    [{ 'Fn::Sub': ['${x}-${Queue}', { x: { Ref: 'Size' } }] }, '5-http://q'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 'b']] }, 'a-aws-b'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'q'],
    [{ 'Fn::If': ['IsLocal', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsNot', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['Both', 1, 2] }, 1],
    [{ 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 128],
    [{ 'Fn::Base64': 'abc' }, 'YWJj'],
    [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    [{ 'Fn::If': ['IsNot', 'x', { Ref: 'AWS::NoValue' }] }, undefined],
    [
      { Statement: { Condition: { Bool: { 'aws:SecureTransport': 'false' } } } },
      { Statement: { Condition: { Bool: { 'aws:SecureTransport': 'false' } } } },
    ],
  ])('%j is %j', (value, expected) => {
    expect(intrinsics.resolve(value, 'Owner')).toEqual(expected);
  });

  test.each([
    [{ Ref: 'Nope' }, 'Owner: Ref Nope means nothing'],
    [{ 'Fn::GetAtt': ['Nope', 'Arn'] }, 'Owner: Fn::GetAtt Nope.Arn: there is no resource Nope'],
    [{ 'Fn::GetAtt': ['Queue', 'Color'] }, 'Owner: Fn::GetAtt Queue.Color: Queue has no attribute Color here'],
    [{ 'Fn::Transform': {} }, 'Owner: the intrinsic function Fn::Transform is not emulated'],
    [{ 'Fn::Sub': '${Nope}' }, 'Owner: Ref Nope'],
    [{ 'Fn::If': ['Missing', 1, 2] }, 'Owner: there is no condition Missing'],
    [{ 'Fn::Select': [7, ['a']] }, 'Owner: Fn::Select has no item 7'],
  ])('%j is refused by the name of its resource', (value, message) => {
    expect(() => intrinsics.resolve(value, 'Owner')).toThrow(TemplateError);
    expect(() => intrinsics.resolve(value, 'Owner')).toThrow(message);
  });
});

describe('the order of creation', () => {
  const resource = (Properties: object, DependsOn?: string) => ({
    Type: 'X',
    Properties,
    ...(DependsOn && { DependsOn }),
  });

  test('everything comes after what it refers to, by any intrinsic and DependsOn', () => {
    const order = creationOrder({
      Resources: {
        A: resource({ x: [{ 'Fn::Sub': ['${B.Arn}-${local}', { local: { Ref: 'C' } }] }] }),
        B: resource({ y: { 'Fn::GetAtt': ['D', 'Arn'] } }),
        C: resource({}, 'E'),
        D: resource({ z: { Ref: 'AWS::Region' } }),
        E: resource({}),
      },
    });
    expect(order).toEqual(['D', 'B', 'E', 'C', 'A']);
  });

  test('a circle is refused with its members', () => {
    const circle = { A: resource({ x: { Ref: 'B' } }), B: resource({ x: { 'Fn::GetAtt': ['A', 'Arn'] } }) };
    expect(() => creationOrder({ Resources: circle })).toThrow('A -> B -> A');
  });
});
