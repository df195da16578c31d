/** A double of a Salesforce org: sessions, REST, composite calls, SOQL, Bulk API 2.0 and row locks. */
package io.shopbridge.sandbox.salesforce;
