/**
 * What every CRM folder must do, tested on its simulator through the whole application.
 * A CRM joins by one class that implements {@code CrmAdapter} and one line in {@code ConformanceIT}.
 */
package io.shopbridge.conformance;
