/**
 * What every CRM folder must do, tested on its simulator through the whole application.
 * A CRM joins by a class that implements {@code CrmAdapter} and one that extends {@code CrmConformance}.
 */
package io.shopbridge.conformance;
