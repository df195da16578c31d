package io.shopbridge.conformance;

class HubSpotConformanceIT extends CrmConformance {

    HubSpotConformanceIT() {
        super(HubSpotAdapter::new);
    }
}
