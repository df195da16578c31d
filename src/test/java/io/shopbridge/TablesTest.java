package io.shopbridge;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A table is written by one package, which knows what must hold of its rows. Anybody may read it. */
class TablesTest {

    private static final Path CODE = Path.of("src/main/java/io/shopbridge");
    private static final Path ROUTES = Path.of("routes");

    private static final Map<String, Set<String>> WRITERS = Map.ofEntries(
            entry("inbox", Set.of("inbox", "inbox_waiting", "inbox_pass")),
            entry("backfill", Set.of("backfill", "backfill_line", "backfill_rest", "backfill_forecast",
                    "order_cutoff")),
            entry("shopify", Set.of("guest_key", "admin_budget")),
            entry("mirror", Set.of("mirror_facet", "order_figures", "figures_look", "customer_merge", "record_alias",
                    "ordered_cart", "refresh")),
            entry("work", Set.of("work", "instance", "crm_pause", "store_pause", "bulk_job", "bulk_row")),
            entry("identify", Set.of("link", "identity_claim", "identity_decision")),
            entry("poll", Set.of("poll", "poll_unread")),
            entry("deliver", Set.of("clashing_value", "left_out", "open_relation")),
            entry("ledger", Set.of("outcome", "rejected", "conflict")),
            entry("subscribe", Set.of("subscription_fault", "subscription_check")),
            entry("plan", Set.of("plan", "plan_record", "plan_process")),
            entry("recount", Set.of("recount", "recount_window", "recount_suspect", "recount_difference",
                    "recount_counted")),
            entry("reconcile", Set.of("reconciliation", "reconciliation_difference", "reconciliation_field",
                    "reconciliation_contact", "reconciliation_duplicates", "reconciliation_stretch",
                    "reconciliation_repeat")),
            entry("audit", Set.of("audit", "taken_in")));

    /**
     * Who may write a table of another package all the same.
     *
     * @param writer a package, or a folder of {@code routes/}
     */
    private record Exception(String writer, Set<String> tables, String because) {
    }

    private static final List<Exception> EXCEPTIONS = List.of(
            new Exception("5-watch", Set.of("inbox", "outcome", "conflict", "rejected", "identity_claim", "left_out",
                    "mirror_facet", "link", "open_relation", "order_figures", "bulk_job", "record_alias",
                    "ordered_cart", "refresh", "plan", "reconciliation", "reconciliation_repeat", "recount"),
                    "expiry: how long personal data is kept is read in one place"));

    private static final Pattern TABLE =
            Pattern.compile("(?i)(CREATE TABLE|DROP TABLE|RENAME TO)\\s+(?:IF (?:NOT )?EXISTS\\s+)?(\\w+)");
    private static final Pattern RENAMED = Pattern.compile("(?i)ALTER TABLE\\s+(\\w+)\\s+RENAME TO");
    private static final Pattern WRITE =
            Pattern.compile("\\b(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE|COPY)\\s+(\\w+)");

    @Test
    void everyTableHasOnePackageThatWritesIt() throws IOException {
        assertThat(WRITERS.values().stream().flatMap(Set::stream).toList()).doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(tables());
    }

    @Test
    void noOtherPackageOrRouteWritesIt() throws IOException {
        Set<String> tables = tables();
        Set<String> strangers = new TreeSet<>();
        for (Path root : List.of(CODE, ROUTES)) {
            for (Path file : files(root)) {
                String writer = root.relativize(file).getName(0).toString();
                writes(file).filter(tables::contains).filter(table -> !mayWrite(writer, table))
                        .forEach(table -> strangers.add(file + " writes " + table));
            }
        }
        assertThat(strangers).isEmpty();
    }

    private static boolean mayWrite(String writer, String table) {
        return WRITERS.getOrDefault(writer, Set.of()).contains(table) || EXCEPTIONS.stream().anyMatch(exception ->
                exception.writer().equals(writer) && exception.tables().contains(table));
    }

    /** Also where a statement goes on in the next line of the source. */
    private static Stream<String> writes(Path file) throws IOException {
        String text = Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "");
        return WRITE.matcher(text).results().map(match -> match.group(1));
    }

    /** Those that the migrations leave, under their last names. */
    private static Set<String> tables() throws IOException {
        Set<String> tables = new TreeSet<>();
        for (Path file : files(Path.of("src/main/resources/db/migration"))) {
            String sql = Files.readString(file);
            List<MatchResult> renamed = RENAMED.matcher(sql).results().toList();
            renamed.forEach(match -> tables.remove(match.group(1)));
            TABLE.matcher(sql).results().forEach(match -> {
                if (match.group(1).equalsIgnoreCase("DROP TABLE")) {
                    tables.remove(match.group(2));
                } else {
                    tables.add(match.group(2));
                }
            });
        }
        return tables;
    }

    /** In the order of their versions. */
    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted((one, other) ->
                    Arrays.compare(version(one), version(other))).collect(Collectors.toList());
        }
    }

    private static int[] version(Path file) {
        return Pattern.compile("\\d+").matcher(file.getFileName().toString().replaceFirst("__.*", "")).results()
                .mapToInt(number -> Integer.parseInt(number.group())).toArray();
    }
}
