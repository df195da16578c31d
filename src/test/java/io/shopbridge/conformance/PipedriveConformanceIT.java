package io.shopbridge.conformance;

class PipedriveConformanceIT extends CrmConformance {

    PipedriveConformanceIT() {
        super(PipedriveAdapter::new);
    }
}
