package io.shopbridge.shopify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.map.EmailAddresses;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.BeanUtils;
import org.springframework.jdbc.core.JdbcTemplate;

/** A database in which guests' ids are of addresses as an earlier version compared them. */
class RespelledGuestsIT {

    private static final GuestSettings SETTINGS = new GuestSettings("a key of thirty-two characters or more");
    private static final GuestKey KEY = GuestKey.of(SETTINGS);

    private static final String PLAIN = "Plain.Name+shop@example.com";
    private static final String ALONE = "info@M\u00fcnchen.example";
    private static final String PASTED = "<twin@example.org>";
    private static final String WIDE = "\uff54win@example.org";
    private static final String KNOWN = "known@example.net";
    private static final String KNOWN_TOO = "known\u200b@example.net";
    private static final String KNOWN_AND_HELD = "<known@example.net>";
    private static final String ONLY_LINKED = "mailto:linked@example.net";
    private static final String ONCE = "mailto:once@example.net";
    private static final String TWICE = "mailto:mailto:once@example.net";

    private static EmbeddedPostgres server;
    private static JdbcTemplate jdbc;
    /** The tables that have records by their whole key. */
    private static List<String> keyed;

    @BeforeAll
    static void migrateWhatIsThere() throws Exception {
        server = EmbeddedPostgres.builder().setServerConfig("unix_socket_directories", "").start();
        jdbc = new JdbcTemplate(server.getPostgresDatabase());
        migrate(server.getPostgresDatabase(), "84");
        keyed = jdbc.queryForList("SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
                + " AND column_name IN ('store', 'entity', 'record_id') GROUP BY 1 HAVING count(*) = 3", String.class);
        int order = 0;
        for (String email : List.of(PLAIN, ALONE, PASTED, WIDE, KNOWN, KNOWN_TOO, KNOWN_AND_HELD, ONLY_LINKED, ONCE,
                TWICE)) {
            guest(old(email), email);
            order(String.valueOf(++order), old(email));
        }
        everywhere(old(ALONE));
        link(old(WIDE), "c_wide");
        link(old(PASTED), "c_pasted");
        link(now(KNOWN), "c_known");
        link(now(ONLY_LINKED), "c_linked");
        held(old(KNOWN_AND_HELD));
        jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', 'customer', 'guest:broken', 'profile', now(), 'x', ?)",
                "{\"email\":\"\u00f4\u0090\u0080\u0080@example.com\"}".getBytes(StandardCharsets.ISO_8859_1));
        migrate(server.getPostgresDatabase(), "latest");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void migrate(DataSource database, String target) throws Exception {
        Flyway.configure().dataSource(database).target(target).javaMigrations(
                new KeyedGuestIds(SETTINGS), new RespelledGuests(SETTINGS), (JavaMigration) BeanUtils.instantiateClass(
                        Class.forName("io.shopbridge.schedule.QuartzTables"))).load().migrate();
    }

    private static String old(String email) {
        return KEY.id(email.trim().toLowerCase(Locale.ROOT));
    }

    private static String now(String email) {
        return KEY.id(EmailAddresses.compared(email));
    }

    private static void guest(String id, String email) {
        facet("customer", id, "profile", "{\"email\":\"" + email + "\",\"guest\":true,\"id\":\"" + id + "\"}");
    }

    private static void order(String id, String contact) {
        facet("order", id, "contact", '"' + contact + '"');
        jdbc.update("INSERT INTO order_figures (store, order_id, contact, counted)"
                + " VALUES ('main', ?, ?, true)", id, contact);
    }

    private static void facet(String entity, String record, String facet, String value) {
        jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', ?, ?, ?, '2026-11-01T10:00:00Z', '0.0.0', ?)",
                entity, record, facet, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void link(String id, String crmId) {
        jdbc.update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'contacts', ?, '{}')", id, crmId);
    }

    private static void held(String id) {
        jdbc.update("INSERT INTO rejected (crm, store, entity, record_id, outcome, errors)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'held', '[]')", id);
    }

    /** In each table that has its id. */
    private static void everywhere(String id) {
        link(id, "c_alone");
        jdbc.update("INSERT INTO identity_claim (crm, object, key, store, entity, record_id)"
                + " VALUES ('crm-one', 'contacts', '\\x00', 'main', 'customer', ?)", id);
        jdbc.update("INSERT INTO identity_decision (crm, store, entity, record_id, crm_id, decision)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'c_2', 'never')", id);
        jdbc.update("INSERT INTO work (crm, store, entity, record_id, generation)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 4)", id);
        jdbc.update("INSERT INTO work (crm, store, entity, record_id, waits_for)"
                + " VALUES ('crm-one', 'main', 'order', '2', ?)", "customer/" + id);
        jdbc.update("INSERT INTO open_relation (crm, store, entity, record_id, target)"
                + " VALUES ('crm-one', 'main', 'order', '2', ?)", "customer/" + id);
        jdbc.update("INSERT INTO open_relation (crm, store, entity, record_id, target)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'company/3')", id);
        jdbc.update("INSERT INTO left_out (crm, store, entity, record_id, fields, mapping)"
                + " VALUES ('crm-one', 'main', 'customer', ?, '{phone}', 'f')", id);
        jdbc.update("INSERT INTO outcome (crm, store, entity, record_id, outcome)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'held')", id);
        held(id);
        jdbc.update("INSERT INTO clashing_value (crm, store, entity, record_id, field, holder, value_hash)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'phone', 'c_3', 'a')", id);
        jdbc.update("INSERT INTO record_alias (store, entity, alias, record_id) VALUES ('main', 'customer', 'a', ?)", id);
        jdbc.update("INSERT INTO refresh (store, entity, record_id, rule, later, due_at)"
                + " VALUES ('main', 'customer', ?, 'r', false, now())", id);
        jdbc.update("INSERT INTO plan (crms, digest) VALUES ('{crm-one}', 'd')");
        jdbc.update("INSERT INTO plan_record (plan, crm, store, entity, record_id)"
                + " SELECT id, 'crm-one', 'main', 'customer', ? FROM plan", id);
        jdbc.update("INSERT INTO reconciliation_repeat (crm, store, entity, record_id, difference, times)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'd', 1)", id);
        jdbc.update("INSERT INTO conflict (crm, store, entity, record_id, crm_id, field, winner, shopify_hash, crm_hash)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'c_alone', 'phone', 'crm', 'a', 'b')", id);
        jdbc.update("INSERT INTO bulk_job (crm, object, operation, job_id) VALUES ('crm-one', 'contacts', 'upsert', 'j')");
        jdbc.update("INSERT INTO bulk_row (job, crm, store, entity, record_id, part_entity, part_id, sent, base)"
                + " SELECT id, 'crm-one', 'main', 'customer', ?, 'customer', ?, '{}', '{}' FROM bulk_job", id, id);
    }

    private static long count(String sql, Object... arguments) {
        return jdbc.queryForObject("SELECT count(*) FROM " + sql, Long.class, arguments);
    }

    private static String facet(String entity, String record, String facet) {
        return new String(jdbc.queryForObject("SELECT value FROM mirror_facet WHERE store = 'main' AND entity = ?"
                + " AND record_id = ? AND facet = ?", byte[].class, entity, record, facet), StandardCharsets.UTF_8);
    }

    private static List<String> idsOf(String crmId) {
        return jdbc.queryForList("SELECT record_id FROM link WHERE crm_id = ?", String.class, crmId);
    }

    @Test
    void aGuestAloneHasTheNewIdWhereverTheOldOneStood() {
        assertThat(now(ALONE)).isNotEqualTo(old(ALONE));
        for (String table : jdbc.queryForList(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'", String.class)) {
            assertThat(count(table + " t WHERE t::text LIKE ? OR t::text LIKE ?", "%" + old(ALONE) + "%",
                    "%" + HexFormat.of().formatHex(old(ALONE).getBytes(StandardCharsets.UTF_8)) + "%"))
                    .as(table).isZero();
        }
        assertThat(idsOf("c_alone")).containsExactly(now(ALONE));
        assertThat(facet("customer", now(ALONE), "profile")).contains(now(ALONE), ALONE);
        assertThat(facet("order", "2", "contact")).isEqualTo('"' + now(ALONE) + '"');
        assertThat(count("order_figures WHERE order_id = '2' AND contact = ?", now(ALONE))).isOne();
        assertThat(count("work WHERE waits_for = ?", "customer/" + now(ALONE))).isOne();
        assertThat(count("work WHERE record_id = ? AND generation = 5", now(ALONE))).as("its key is written").isOne();
        assertThat(count("bulk_row WHERE record_id = part_id AND part_id = ?", now(ALONE))).isOne();
        assertThat(keyed).contains("mirror_facet", "reconciliation_repeat");
        // One that is new in a later version is empty at this migration, whatever it has.
        for (String table : keyed) {
            assertThat(count(table + " WHERE record_id = ?", now(ALONE))).as(table).isOne();
        }
        assertThat(count("customer_merge WHERE absorbed = ? OR kept = ?", old(ALONE), now(ALONE))).isZero();
    }

    @Test
    void ofTwoWhoAreOneNowTheFirstThatHadAContactIsRenamedAndTheOtherMergedIntoIt() {
        String one = now(WIDE);
        assertThat(one).isEqualTo(now(PASTED)).isNotIn(old(WIDE), old(PASTED));
        assertThat(idsOf("c_wide")).containsExactly(one);
        assertThat(idsOf("c_pasted")).as("to be held for a person").containsExactly(old(PASTED));
        assertThat(facet("customer", old(PASTED), Facets.MERGED_INTO)).isEqualTo('"' + one + '"');
        assertThat(count("customer_merge WHERE absorbed = ? AND kept = ?", old(PASTED), one)).isOne();
        assertThat(count("work WHERE record_id IN (?, ?)", one, old(PASTED))).isEqualTo(2);
    }

    @Test
    void whoIsKnownByTheNewIdAlreadyKeepsIt() {
        assertThat(idsOf("c_known")).containsExactly(now(KNOWN));
        assertThat(count("customer_merge WHERE absorbed = ? AND kept = ?", old(KNOWN_TOO), now(KNOWN))).isOne();
        assertThat(facet("customer", now(KNOWN), "profile")).contains(KNOWN);
        assertThat(count("work WHERE record_id = ?", now(KNOWN))).as("it has the other's figures").isOne();
    }

    @Test
    void whoIsKnownByALinkAloneHasTheProfileOfTheOther() {
        assertThat(facet("customer", now(ONLY_LINKED), "profile")).contains(now(ONLY_LINKED), ONLY_LINKED);
        assertThat(count("customer_merge WHERE absorbed = ? AND kept = ?", old(ONLY_LINKED), now(ONLY_LINKED))).isOne();
    }

    @Test
    void whoWasHeldBecauseOfTheOtherIsDeliveredAgain() {
        assertThat(count("customer_merge WHERE absorbed = ? AND kept = ?", old(KNOWN_AND_HELD), now(KNOWN))).isOne();
        assertThat(count("work WHERE crm = 'crm-one' AND record_id = ?", old(KNOWN_AND_HELD))).isOne();
    }

    @Test
    void whoseNewIdIsAnothersOldOneStays() {
        assertThat(now(TWICE)).isEqualTo(old(ONCE)).isNotEqualTo(now(ONCE));
        assertThat(facet("customer", old(TWICE), "profile")).contains(TWICE);
        assertThat(facet("customer", now(ONCE), "profile")).contains(ONCE);
        assertThat(count("mirror_facet WHERE record_id = ?", old(ONCE))).isZero();
        assertThat(count("customer_merge WHERE absorbed IN (?, ?)", old(TWICE), old(ONCE))).isZero();
    }

    @Test
    void aContainerThatStillWritesIsToBeStopped() throws Exception {
        jdbc.execute("CREATE DATABASE busy");
        DataSource busy = server.getDatabase("postgres", "busy");
        migrate(busy, "84");
        JdbcTemplate there = new JdbcTemplate(busy);
        there.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', 'customer', ?, 'profile', now(), 'x', convert_to(?, 'UTF8'))", old(ALONE),
                "{\"email\":\"" + ALONE + "\"}");
        there.execute("ALTER DATABASE busy SET lock_timeout = '500ms'");
        try (Connection writer = busy.getConnection(); Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("LOCK TABLE link IN ROW EXCLUSIVE MODE");
            assertThatThrownBy(() -> migrate(busy, "latest")).hasMessageContaining("stop it, and start this one again");
        }
        there.execute("ALTER DATABASE busy RESET lock_timeout");
        assertThat(there.queryForList("SELECT record_id FROM mirror_facet", String.class)).containsExactly(old(ALONE));
        migrate(busy, "latest");
        assertThat(there.queryForList("SELECT record_id FROM mirror_facet", String.class)).containsExactly(now(ALONE));
    }

    @Test
    void nothingIsToBeDoneForAPlainAddress() {
        assertThat(now(PLAIN)).isEqualTo(old(PLAIN));
        assertThat(count("work WHERE record_id = ?", old(PLAIN))).isZero();
        assertThat(count("information_schema.tables WHERE table_name = 'moved_guest'")).isZero();
    }
}
