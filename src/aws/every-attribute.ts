import { AwsJson1_0Protocol, JsonCodec } from '@aws-sdk/core/protocols';

type Settings = ConstructorParameters<typeof AwsJson1_0Protocol>[0];

/**
 * SQS's protocol for clients that receive messages. SQS accepts an attribute that is called `__proto__`. The SDK's
 * usual codec loses its value (JsonShapeDeserializer2 in @smithy/core 3.41); the older codec used here keeps it. This
 * is for correctness. It saves no time.
 */
export class EveryAttributeProtocol extends AwsJson1_0Protocol {
  constructor(settings: Settings) {
    super({
      ...settings,
      jsonCodec: new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false }),
    });
  }
}
