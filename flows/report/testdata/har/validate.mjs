// Reads a HAR from stdin and says what is wrong with it by the schema of HAR 1.2.
import { readFileSync } from 'node:fs';
import har from 'har-validator/lib/promise.js';

await har.har(JSON.parse(readFileSync(0, 'utf8'))).catch((e) => {
  console.log('FAILED', JSON.stringify(e.errors ?? String(e)));
  process.exit(1);
});
console.log('ok');
