// SPDX-License-Identifier: Apache-2.0
// Runs the shop until it is told to stop. Seeding is seed.js's business.
'use strict';

const { bootstrap } = require('@vendure/core');
const { vendureConfig } = require('./config.js');

bootstrap(vendureConfig).catch((error) => {
  console.error(error);
  process.exit(1);
});
