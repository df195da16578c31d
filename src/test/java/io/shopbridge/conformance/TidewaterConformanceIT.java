package io.shopbridge.conformance;

class TidewaterConformanceIT extends CrmConformance {

    TidewaterConformanceIT() {
        super(TidewaterAdapter::new);
    }
}
