// What a run has to keep to. A crossed threshold makes k6 exit with 99.

/** Errors: every operation that a client waits for counts, right or wrong. */
export const errors = { errors: ['rate<0.01'] };

/** 95 of 100 are done in this time. */
export const prompt = ['p(95)<250'];

/** What was acknowledged and did not arrive. */
export const loss = { loss: ['rate<0.001'] };

/** How many users for how long, unless --vus and --duration say so. */
export const small = { vus: 5, duration: '15s', summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'] };
