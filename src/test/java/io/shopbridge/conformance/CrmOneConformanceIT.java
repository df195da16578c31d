package io.shopbridge.conformance;

class CrmOneConformanceIT extends CrmConformance {

    CrmOneConformanceIT() {
        super(CrmOneAdapter::new);
    }
}
