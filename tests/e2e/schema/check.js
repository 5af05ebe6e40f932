// SPDX-License-Identifier: Apache-2.0
// check.js SCHEMA good FILE... | wrong FILE...: holds YAML files against a JSON Schema; says which files surprise, exits 1 then.
'use strict';
const fs = require('fs');
const {createRequire} = require('module');
const load = createRequire(process.cwd() + '/'); // packages stand where the test installed them
const Ajv = load('ajv');
const yaml = load('yaml');

const [schemaFile, expected, ...files] = process.argv.slice(2);
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const ajv = new Ajv({allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false});
if (!ajv.validateSchema(schema)) {
  console.log(`not a JSON Schema: ${ajv.errorsText()}`);
  process.exit(1);
}
const validate = ajv.compile(schema);
let surprises = 0;
for (const file of files) {
  const value = yaml.parse(fs.readFileSync(file, 'utf8'), {merge: true});
  const good = validate(value);
  if (good === (expected === 'good')) continue;
  surprises++;
  console.log(`${file}: ${good ? 'is accepted' : ajv.errorsText(validate.errors.slice(0, 5), {separator: '\n  '})}`);
}
process.exit(surprises ? 1 : 0);
