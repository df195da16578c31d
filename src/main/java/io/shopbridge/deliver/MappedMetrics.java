package io.shopbridge.deliver;

import io.shopbridge.crm.Crms;
import io.shopbridge.mirror.MetricsReaders;
import io.shopbridge.store.RecordKey;
import org.springframework.stereotype.Component;

/** Reads from the mappings which CRMs have fields that are computed from a customer's orders. */
@Component
class MappedMetrics implements MetricsReaders {

    private final Crms crms;

    MappedMetrics(Crms crms) {
        this.crms = crms;
    }

    @Override
    public boolean reads(String crm) {
        return crms.get(crm).mapping(RecordKey.CUSTOMER).filter(mapping -> mapping.mentions("metrics")).isPresent();
    }
}
