import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsV4Signer } from 'aws4fetch';
import { Random } from '../../../src/core/random.ts';
import { s3Target } from '../../../src/formats/remote/s3.ts';
import { signedHeaders, uriEncode } from '../../../src/formats/remote/sign.ts';

function signatureIn(authorization: string | null | undefined): string | undefined {
  return /Signature=([\da-f]{64})$/.exec(authorization ?? '')?.[1];
}

suite('signatures of requests to S3', () => {
  const example = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: null,
  };

  // From the documentation of AWS: "Signature calculations for the Authorization header: transferring
  // payload in a single chunk (AWS Signature Version 4)".
  test('are those of the examples that AWS publishes', () => {
    const cases: [path: string, headers: Record<string, string>, signature: string][] = [
      [
        '/test.txt',
        { range: 'bytes=0-9' },
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ],
      ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
      [
        '/?max-keys=2&prefix=J',
        {},
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      ],
    ];
    const time = new Date('2013-05-24T00:00:00Z');
    for (const [path, headers, signature] of cases) {
      const url = new URL(path, 'https://examplebucket.s3.amazonaws.com');
      const signed = signedHeaders('GET', url, headers, example, 'us-east-1', time);
      assert.equal(signatureIn(signed['authorization']), signature);
      assert.match(
        signed['authorization']!,
        /Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/us-east-1\/s3\/aws4_request,/,
      );
    }
  });

  test("are aws4fetch's, whatever the key, the query and the token", async () => {
    const random = new Random(7);
    const alphabet = [...'abz019 /+%&=?#~-_.!*\'()$,;:@äß中\u{1f600}"<>[]{}|^`\\'];
    const word = (length: number): string =>
      Array.from({ length }, () => alphabet[random.integer(alphabet.length)]).join('');
    for (let i = 0; i < 300; i++) {
      const key = `k${word(1 + random.integer(20))}`.replace(/\/\.{1,2}(?=\/|$)/g, '/x');
      const query =
        i % 3 === 0
          ? `list-type=2&continuation-token=${uriEncode(word(9))}&prefix=${uriEncode(word(5))}`
          : '';
      const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' };
      const url = s3Target({ bucket: 'bucket', key }, environment, query);
      const sessionToken = i % 2 === 0 ? null : `token${i}`;
      const credentials = { ...example, secretAccessKey: word(20), sessionToken };
      const now = new Date(1.7e12 + 1000 * random.integer(1e9));
      const headers = { range: `bytes=${i}-${i + 9}`, 'if-match': '"a  b"' };
      const ours = signedHeaders('GET', url, headers, credentials, 'eu-west-1', now);
      const { authorization, ...sent } = ours;
      const signer = new AwsV4Signer({
        ...{ method: 'GET', url: url.href, headers: sent, service: 's3', region: 'eu-west-1' },
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey,
        datetime: sent['x-amz-date']!,
        allHeaders: true,
      });
      const theirs = (await signer.sign()).headers.get('authorization');
      assert.equal(signatureIn(authorization), signatureIn(theirs), url.href);
      // What the server makes of the path is the key.
      assert.equal(decodeURIComponent(url.pathname), `/bucket/${key}`);
    }
  });

  test('requests go to the bucket, in its region, or to the endpoint that is given', () => {
    const cases: [bucket: string, environment: Record<string, string>, url: string][] = [
      ['a-b', {}, 'https://a-b.s3.us-east-1.amazonaws.com/k%20k'],
      ['a-b', { AWS_REGION: 'eu-north-1' }, 'https://a-b.s3.eu-north-1.amazonaws.com/k%20k'],
      ['a.b', { AWS_DEFAULT_REGION: 'x-1' }, 'https://s3.x-1.amazonaws.com/a.b/k%20k'],
      ['a-b', { AWS_ENDPOINT_URL: 'http://h:9/' }, 'http://h:9/a-b/k%20k'],
      [
        'a',
        { AWS_ENDPOINT_URL: 'http://h', AWS_ENDPOINT_URL_S3: 'https://i/p' },
        'https://i/p/a/k%20k',
      ],
    ];
    for (const [bucket, environment, url] of cases) {
      assert.equal(s3Target({ bucket, key: 'k k' }, environment).href, url);
    }
    for (const environment of [
      { AWS_ENDPOINT_URL: 'http://me:secret@h' },
      { AWS_ENDPOINT_URL: 'ftp://h' },
      { AWS_REGION: 'evil.org/' },
    ]) {
      assert.throws(
        () => s3Target({ bucket: 'a', key: 'k' }, environment),
        ({ code, message }) => code === 'config-invalid' && !/secret|evil/.test(message),
      );
    }
  });
});
