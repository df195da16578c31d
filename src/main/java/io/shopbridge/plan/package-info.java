/**
 * Plans: what a changed mappings folder would change in the CRMs, found over the mirror without a call to a CRM, and the
 * work that brings it there, once the changed mappings run and an operator says so.
 */
package io.shopbridge.plan;
