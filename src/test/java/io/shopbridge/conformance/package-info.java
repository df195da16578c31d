/**
 * What every CRM folder must do, tested on its simulator through the whole application.
 * A CRM joins by one class that implements {@code CrmUnderTest} and one line in {@code ConformanceTest}.
 */
package io.shopbridge.conformance;
