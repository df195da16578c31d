package io.shopbridge.deliver;

import io.shopbridge.crm.Crms;
import io.shopbridge.mirror.Interests;
import io.shopbridge.store.RecordKey;
import org.springframework.stereotype.Component;

/** Reads from the mappings which records and changes each CRM needs. */
@Component
class MappedInterests implements Interests {

    private final Crms crms;

    MappedInterests(Crms crms) {
        this.crms = crms;
    }

    @Override
    public boolean maps(String crm, String entity) {
        return crms.get(crm).mapping(entity).isPresent();
    }

    @Override
    public boolean readsMetrics(String crm) {
        return mentions(crm, "metrics");
    }

    @Override
    public boolean readsDaysSinceLastOrder(String crm) {
        return mentions(crm, "days_since_last_order");
    }

    private boolean mentions(String crm, String field) {
        return crms.get(crm).mapping(RecordKey.CUSTOMER).filter(mapping -> mapping.mentions(field)).isPresent();
    }
}
