package io.shopbridge.identify;

import io.shopbridge.crm.CrmBusy;
import io.shopbridge.store.RecordKey;
import java.util.Map;
import java.util.Optional;

/**
 * What was found out about a batch of records. Those that are missing were not asked for in full: their next attempt
 * goes on where this one ended.
 *
 * @param known what each of these is
 * @param busy  the CRM's wish to wait that kept the others from being asked for; empty: there were too many at once
 */
public record Identified(Map<RecordKey, Identification> known, Optional<CrmBusy> busy) {
}
