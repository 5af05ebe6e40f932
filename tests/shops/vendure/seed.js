// SPDX-License-Identifier: Apache-2.0
// Fills an empty database with a small shop: five mugs and pots, two ways of shipping, one of paying,
// and 21 customers whose passwords the journeys know (journeys/vendure/accounts.csv).
'use strict';

const {
  bootstrap,
  CustomerService,
  Importer,
  LanguageCode,
  Populator,
  RequestContextService,
} = require('@vendure/core');
const { vendureConfig } = require('./config.js');

const CUSTOMERS = 21;
const PASSWORD = 'Shopper-pw-1';

const shop = {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  countries: [
    { code: 'DE', name: 'Germany', zone: 'Europe' },
    { code: 'GB', name: 'United Kingdom', zone: 'Europe' },
    { code: 'US', name: 'United States of America', zone: 'Americas' },
  ],
  taxRates: [
    { name: 'Standard Tax', percentage: 20 },
    { name: 'Zero Tax', percentage: 0 },
  ],
  shippingMethods: [
    { name: 'Standard Shipping', price: 500 },
    { name: 'Express Shipping', price: 1000 },
  ],
  paymentMethods: [
    {
      name: 'Standard Payment',
      handler: {
        code: 'dummy-payment-handler',
        arguments: [{ name: 'automaticSettle', value: 'false' }],
      },
    },
  ],
  collections: [],
};

// Net prices in dollars; `counted` stock can be sold out, the other never is.
const goods = [
  { name: 'Probe Mug', slug: 'probe-mug', sku: 'PROBE-MUG', price: '12.50', stock: 0, counted: false },
  { name: 'Tea Pot', slug: 'tea-pot', sku: 'TEA-POT', price: '34.00', stock: 100, counted: true },
  { name: 'Milk Jug', slug: 'milk-jug', sku: 'MILK-JUG', price: '9.90', stock: 100, counted: true },
  { name: 'Golden Spoon', slug: 'golden-spoon', sku: 'GOLDEN-SPOON', price: '1299.00', stock: 100, counted: true },
  { name: 'Last Saucer', slug: 'last-saucer', sku: 'LAST-SAUCER', price: '4.20', stock: 0, counted: true },
];

function goodsAsCsv() {
  const columns = {
    name: (g) => g.name,
    slug: (g) => g.slug,
    description: (g) => `${g.name}, for synthetic shoppers.`,
    assets: () => '',
    facets: () => '',
    optionGroups: () => '',
    optionValues: () => '',
    sku: (g) => g.sku,
    price: (g) => g.price,
    taxCategory: () => 'standard',
    stockOnHand: (g) => g.stock,
    trackInventory: (g) => g.counted,
    variantAssets: () => '',
    variantFacets: () => '',
  };
  const rows = goods.map((g) => Object.values(columns).map((cell) => `"${cell(g)}"`).join(','));
  return [Object.keys(columns).join(','), ...rows].join('\n') + '\n';
}

async function addGoods(app, context) {
  const result = await new Promise((resolve, reject) => {
    let last;
    app.get(Importer).parseAndImport(goodsAsCsv(), context)
      .subscribe({ next: (progress) => (last = progress), error: reject, complete: () => resolve(last) });
  });
  if (result.errors.length > 0 || result.imported !== goods.length) {
    throw new Error(`only ${result.imported} products: ${result.errors.join('; ')}`);
  }
}

async function addCustomers(app, context) {
  for (let i = 0; i < CUSTOMERS; i++) {
    const number = i === 0 ? '' : String(i);
    const emailAddress = `shopper${number}@example.com`;
    const customer = await app.get(CustomerService)
      .create(context, { firstName: 'Sam', lastName: `Shopper${number}`, emailAddress }, PASSWORD);
    if (customer.errorCode) {
      throw new Error(`${emailAddress}: ${customer.message}`);
    }
  }
}

async function seed() {
  const app = await bootstrap(vendureConfig);
  await app.get(Populator).populateInitialData(shop);
  // Only now: a context keeps the channel as it was, without the tax zone that was just set.
  const context = await app.get(RequestContextService)
    .create({ apiType: 'admin', languageCode: LanguageCode.en });
  await addGoods(app, context);
  await addCustomers(app, context);
  await app.close();
}

seed().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
