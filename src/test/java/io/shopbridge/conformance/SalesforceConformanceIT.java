package io.shopbridge.conformance;

class SalesforceConformanceIT extends CrmConformance {

    SalesforceConformanceIT() {
        super(SalesforceAdapter::new);
    }
}
