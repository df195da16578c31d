/** A double of CRM One, a made-up CRM with a plain REST API. */
package io.shopbridge.sandbox.crmone;
