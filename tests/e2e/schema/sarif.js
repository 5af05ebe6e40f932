// SPDX-License-Identifier: Apache-2.0
// sarif.js SCHEMA FILE...: holds SARIF files against SARIF's own schema; says what it refuses, exits 3 then.
'use strict';
const fs = require('fs');
const {createRequire} = require('module');
const load = createRequire(process.cwd() + '/'); // packages stand where the test installed them
const Ajv = load('ajv');

const [schemaFile, ...files] = process.argv.slice(2);
const ajv = new Ajv({allErrors: true, strict: false, unicodeRegExp: false});
ajv.addFormat('uri', text => { try { new URL(text); return true; } catch { return false; } });
ajv.addFormat('uri-reference', text => { try { new URL(text, 'http://a/'); return !/[^!-~]/.test(text); } catch { return false; } });
ajv.addFormat('date-time', text => !Number.isNaN(Date.parse(text)));
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
delete schema.$schema; // JSON Schema draft 4, of which it uses nothing that newer drafts read otherwise
delete schema.id;
const validate = ajv.compile(schema);
let refused = 0;
for (const file of files) {
  const log = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (validate(log)) continue;
  refused++;
  console.log(`${file}: ${ajv.errorsText(validate.errors.slice(0, 5), {separator: '\n  '})}`);
}
process.exit(refused ? 3 : 0);
