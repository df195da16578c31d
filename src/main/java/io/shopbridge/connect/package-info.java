/**
 * What the connections to outside systems share, whether a CRM or Shopify is at the other end: access tokens, requests
 * outside of the routes, and the templates that the routes of {@code 4-connect} are made from.
 */
package io.shopbridge.connect;
