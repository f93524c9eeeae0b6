import { AwsJson1_0Protocol, JsonCodec } from '@aws-sdk/core/protocols';

type Settings = ConstructorParameters<typeof AwsJson1_0Protocol>[0];

/**
 * SQS's protocol for clients that receive messages. SQS takes an attribute called `__proto__`, and the SDK's usual codec
 * empties it before it reads it (JsonShapeDeserializer2 in @smithy/core 3.41); the one before that does not. This is for
 * correctness, and saves nothing.
 */
export class EveryAttributeProtocol extends AwsJson1_0Protocol {
  constructor(settings: Settings) {
    super({
      ...settings,
      jsonCodec: new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false }),
    });
  }
}
