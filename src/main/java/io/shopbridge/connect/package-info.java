/**
 * What the connections to outside systems share, whether a CRM or Shopify is at the other end. The routes of {@code
 * 4-connect} are made of the templates that are found here.
 */
package io.shopbridge.connect;
