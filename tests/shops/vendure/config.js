// SPDX-License-Identifier: Apache-2.0
// How the test shop is set up. What differs between two shops (port, folder) comes from the
// environment; nothing here is a secret: the shop listens on the loopback address alone.
'use strict';

const path = require('path');
const { DefaultLogger, LogLevel, dummyPaymentHandler } = require('@vendure/core');

const dataDir = process.env.VENDURE_DATA_DIR;
if (!dataDir) {
  throw new Error('VENDURE_DATA_DIR is not set: start the shop with shop.sh');
}
const port = Number(process.env.VENDURE_PORT || 14100);

exports.administrator = { identifier: 'superadmin', password: 'Target-admin-1' };

exports.vendureConfig = {
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: true }),
  apiOptions: {
    hostname: '127.0.0.1',
    port,
    shopApiPath: 'shop-api',
    adminApiPath: 'admin-api',
    cors: false,
    csrfPrevention: true,
  },
  authOptions: {
    // Both ways in: cookies for the shopper, a bearer token for the administrator who cleans up.
    tokenMethod: ['cookie', 'bearer'],
    requireVerification: false,
    superadminCredentials: exports.administrator,
    cookieOptions: { secret: 'a-test-shop-has-nothing-to-hide' },
  },
  dbConnectionOptions: {
    type: 'better-sqlite3',
    database: path.join(dataDir, 'shop.sqlite'),
    synchronize: process.env.VENDURE_SEEDING === '1',
    enableWAL: true,
    // A lost power supply may cost the whole database: shop.sh makes a new one from the seed.
    prepareDatabase: (database) => database.pragma('synchronous = OFF'),
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [],
};
