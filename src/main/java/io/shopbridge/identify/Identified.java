package io.shopbridge.identify;

import io.shopbridge.crm.CrmBusy;
import io.shopbridge.store.RecordKey;
import java.util.Map;
import java.util.Optional;

/**
 * The results for a batch of records. Missing records were not checked completely: their next attempt continues where
 * this one ended.
 *
 * @param known what each of these is
 * @param busy  the CRM's wish to wait that kept the others from being asked for; empty: there were too many at once
 */
public record Identified(Map<RecordKey, Identification> known, Optional<CrmBusy> busy) {
}
