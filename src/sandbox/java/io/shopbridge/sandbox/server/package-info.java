/** What every simulated CRM has in common: an HTTP server, records with a journal, limits of calls, and faults. */
package io.shopbridge.sandbox.server;
