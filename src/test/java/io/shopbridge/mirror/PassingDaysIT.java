package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** Customers are marked when another whole day has gone by since their last order, and not in between. */
class PassingDaysIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();
    private final PassingDays days = new PassingDays(shopbridge.jdbc(), shopbridge.bean(TransactionTemplate.class),
            shopbridge.bean(Stores.class), new AllInterested(), shopbridge.bean(Work.class));

    private static final class AllInterested implements Interests {
        @Override
        public boolean maps(String crm, String entity) {
            return true;
        }

        @Override
        public boolean readsMetrics(String crm) {
            return true;
        }

        @Override
        public boolean readsDaysSinceLastOrder(String crm) {
            return crm.equals("crm-one");
        }
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
        // Nothing is claimed, so that the marks can be counted.
        shopbridge.jdbc().update("INSERT INTO crm_pause (crm, until, because) SELECT c, now() + interval '1 hour', 'test'"
                + " FROM unnest(ARRAY['crm-one', 'hubspot']) c");
        lookedAt("2026-03-03T10:30:00Z");
        shopbridge.jdbc().update("INSERT INTO order_figures (store, order_id, contact, counted, ordered_at) VALUES"
                + " ('main', '1', '7', true, '2026-03-01T10:00:00Z'), ('main', '2', '8', true, '2026-03-01T20:00:00Z'),"
                + " ('main', '3', '9', false, '2026-03-01T10:00:00Z'),"
                + " ('main', '4', 'guest:silent', true, '2026-03-01T20:00:00Z')");
        // Of the silent guest only the figures are left.
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie,"
                + " value) SELECT 'main', 'customer', id, 'profile', now(), '', '{}'"
                + " FROM unnest(ARRAY['7', '8', '9']) id");
    }

    @AfterEach
    void forget() {
        shopbridge.jdbc().execute("TRUNCATE work, crm_pause, order_figures, mirror_facet, customer_merge");
        shopbridge.jdbc().update("UPDATE figures_look SET at = now()");
    }

    @Test
    void marksEachCustomerOnceADay() {
        days.markAsOf(Instant.parse("2026-03-03T15:00:00Z"));
        assertThat(marked()).isZero();

        days.markAsOf(Instant.parse("2026-03-03T21:00:00Z"));
        assertThat(shopbridge.jdbc().queryForList("SELECT crm || ' ' || record_id FROM work", String.class))
                .containsExactly("crm-one 8");

        days.markAsOf(Instant.parse("2026-03-03T22:00:00Z"));
        assertThat(marked()).isEqualTo(1);
        days.markAsOf(Instant.parse("2026-03-04T10:00:00Z"));
        assertThat(marked()).isEqualTo(2);
    }

    /** It is the survivor who has its orders, and a person who has seen to the merged one is not asked again every day. */
    @Test
    void marksTheSurvivorOfAMergedCustomer() {
        shopbridge.jdbc().update("INSERT INTO customer_merge VALUES ('main', '8', '9', now())");
        days.markAsOf(Instant.parse("2026-03-03T21:00:00Z"));
        assertThat(shopbridge.jdbc().queryForList("SELECT crm || ' ' || record_id FROM work", String.class))
                .containsExactly("crm-one 9");
    }

    private long marked() {
        return shopbridge.count("SELECT count(*) FROM work");
    }

    private void lookedAt(String time) {
        shopbridge.jdbc().update("UPDATE figures_look SET at = ?::timestamptz", time);
    }
}
