package io.shopbridge.recount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.mirror.MirrorCounts;
import io.shopbridge.recount.Recount.State;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.Searches;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A shop of a million orders of three years, of which webhooks of 50 were lost: of 30 all, of 10 the last change, of 10
 * the deletion. A recount finds these, and nothing else, by fewer than 500 queries.
 *
 * <p>{@code mvn test -Dtest=LostOrders}, with {@code -Dlost.orders=1000000} and {@code -Dlost.seed=1}. The shop is
 * a list of ids and times that answers counts, ids and records as the Admin API does; the mirror is a real one.
 */
class LostOrders {

    private static final int ORDERS = Integer.getInteger("lost.orders", 1_000_000);
    private static final long FIRST_ID = 6_000_000_000_000L;
    private static final int MOST_QUERIES = 500;
    private static final int LISTED = 250;
    private static final Pattern WINDOW = Pattern.compile("updated_at:>='(.*)' updated_at:<'(.*)'");

    private final Random random = new Random(Long.getLong("lost.seed", 1));
    private final ObjectMapper json = new ObjectMapper();
    /** The ids of the shop's orders by the second of their last change. */
    private final NavigableMap<Long, TreeSet<Long>> shop = new TreeMap<>();
    private final TreeMap<Long, Long> updated = new TreeMap<>();
    private int queries;

    @Test
    void whatWasLostIsFoundByFewQueries() throws IOException {
        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=http://localhost:9",
                "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.main.polls.order=off", "--shopbridge.stores.main.polls.customer=off",
                "--shopbridge.stores.main.polls.company=off", "--shopbridge.stores.main.polls.checkout=off",
                "--shopbridge.schedules.recount-steps=0 0 0 1 1 ? 2099")) {
            fill(shopbridge);
            TreeSet<String> lost = lose(shopbridge);
            Recounting recounting = recounting(shopbridge);
            Recount run = shopbridge.bean(ShopRecounts.class).start(shopbridge.bean(Stores.class).find("main").orElseThrow(),
                    List.of("order"), true);
            long began = System.nanoTime();
            Inbox inbox = shopbridge.bean(Inbox.class);
            while (recounts(shopbridge).find(run.id()).orElseThrow().state() == State.RUNNING) {
                Batch batch = recounting.next(Instant.now().plus(Duration.ofHours(1)));
                batch.getNews().forEach(inbox::keep);
                recounting.done(batch);
            }
            long seconds = (System.nanoTime() - began) / 1_000_000_000;
            Recount end = recounts(shopbridge).find(run.id()).orElseThrow();
            System.out.println(String.format(Locale.ROOT, "%,d orders, %d lost: %d queries, %d s of our own time; %s", ORDERS,
                    lost.size(), queries, seconds, recounts(shopbridge).found(end).stream()
                            .map(one -> one.found() + " " + one.kind().word()).toList()));
            assertThat(end.state()).as(end.because()).isEqualTo(State.DONE);
            assertThat(recounts(shopbridge).found(end)).extracting(Recounts.Found::kind)
                    .containsExactlyInAnyOrder(Kind.MISSING, Kind.STALE, Kind.DELETED);
            assertThat(recounts(shopbridge).found(end).stream().mapToLong(Recounts.Found::found).sum())
                    .isEqualTo(lost.size());
            assertThat(end.calls()).isEqualTo(queries);
            assertThat(queries).isLessThan(MOST_QUERIES);
        }
    }

    private static Recounts recounts(RunningShopbridge shopbridge) {
        return shopbridge.bean(Recounts.class);
    }

    /** The newest three quarters of an hour ago, so that all have arrived. */
    private void fill(RunningShopbridge shopbridge) {
        long newest = Instant.now().minus(Duration.ofMinutes(45)).getEpochSecond();
        long step = Duration.ofDays(3 * 365).toSeconds() / ORDERS;
        shopbridge.jdbc().update("""
                INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)
                SELECT 'main', 'order', (? + n)::text, 'order', to_timestamp(? - (? - n)::bigint * ?), '', '{}'::bytea
                FROM generate_series(1, ?) n""", FIRST_ID, newest, ORDERS, step, ORDERS);
        shopbridge.jdbc().execute("VACUUM (ANALYZE) mirror_facet");
        for (long n = 1; n <= ORDERS; n++) {
            put(FIRST_ID + n, newest - (ORDERS - n) * step);
        }
    }

    private void put(long id, long second) {
        updated.put(id, second);
        shop.computeIfAbsent(second, at -> new TreeSet<>()).add(id);
    }

    private void remove(long id) {
        shop.get(updated.remove(id)).remove(id);
    }

    private TreeSet<String> lose(RunningShopbridge shopbridge) {
        TreeSet<String> lost = new TreeSet<>();
        while (lost.size() < 50) {
            long id = FIRST_ID + 1 + random.nextInt(ORDERS);
            if (!lost.add(Long.toString(id))) {
                continue;
            }
            if (lost.size() <= 30) {
                shopbridge.jdbc().update("DELETE FROM mirror_facet WHERE record_id = ?", Long.toString(id));
            } else if (lost.size() <= 40) {
                long later = updated.get(id) + Duration.ofDays(1 + random.nextInt(30)).toSeconds();
                remove(id);
                put(id, Math.min(later, Instant.now().minus(Duration.ofMinutes(20)).getEpochSecond()));
            } else {
                remove(id);
                // The mirror knows when it was made: within 60 days, so that the app would see it.
                shopbridge.jdbc().update("UPDATE mirror_facet SET value = convert_to(?, 'UTF8') WHERE record_id = ?",
                        "{\"created_at\": \"" + Instant.now().minus(Duration.ofDays(5)).truncatedTo(ChronoUnit.SECONDS)
                                + "\"}", Long.toString(id));
            }
        }
        return lost;
    }

    private Recounting recounting(RunningShopbridge shopbridge) throws IOException {
        ObjectNode sample = (ObjectNode) json.readTree(Path.of("mappings/shopify/samples/order-answer.json").toFile())
                .at("/data/order");
        AdminApi api = mock(AdminApi.class);
        when(api.query(anyString(), anyString(), any(), any())).thenAnswer(call -> {
            queries++;
            ObjectNode variables = call.getArgument(2);
            ObjectNode data = json.createObjectNode();
            if (call.getArgument(1).equals("shop")) {
                data.putObject("shop").put("myshopifyDomain", RunningShopbridge.DOMAIN);
            } else if (call.getArgument(1).equals("order-ids")) {
                list(data.putObject("orders"), window(variables.path("query").asText()), variables.path("after").asText(""));
            } else {
                ArrayNode nodes = data.putArray("nodes");
                variables.path("ids").forEach(gid -> nodes.add(record(sample, gid.asText())));
            }
            return new AdminAnswer(data, List.of(), Instant.now());
        });
        Searches searches = mock(Searches.class);
        when(searches.find(anyString(), anyString(), any(), any())).thenAnswer(call -> {
            queries++;
            List<String> windows = call.getArgument(2);
            assertThat(windows).hasSizeLessThanOrEqualTo(Searches.TOGETHER);
            boolean isCount = call.getArgument(1).equals("order-count");
            return windows.stream().map(window -> {
                ObjectNode found = json.createObjectNode();
                if (isCount) {
                    return found.put("count", window(window).stream().mapToLong(TreeSet::size).sum());
                }
                list(found, window(window), "");
                return found;
            }).toList();
        });
        Recounts recounts = recounts(shopbridge);
        ComparedWindows windows = new ComparedWindows(recounts, shopbridge.bean(CountedEntities.class), searches,
                shopbridge.bean(MirrorCounts.class), api, shopbridge.bean(Shopify.class));
        Suspects suspects = new Suspects(recounts, shopbridge.bean(MirrorCounts.class), api,
                shopbridge.bean(WholeRecords.class), shopbridge.bean(Topics.class), shopbridge.bean(Shopify.class),
                shopbridge.bean(KnownStates.class), shopbridge.bean(CanonicalRecords.class));
        return new Recounting(recounts, windows, suspects, api, shopbridge.bean(Stores.class),
                shopbridge.bean(StorePauses.class));
    }

    private Collection<TreeSet<Long>> window(String search) {
        Matcher window = WINDOW.matcher(search);
        assertThat(window.matches()).as(search).isTrue();
        return shop.subMap(Instant.parse(window.group(1)).getEpochSecond(), Instant.parse(window.group(2)).getEpochSecond())
                .values();
    }

    private void list(ObjectNode connection, Collection<TreeSet<Long>> window, String after) {
        List<Long> all = window.stream().flatMap(TreeSet::stream).toList();
        int from = after.isEmpty() ? 0 : Integer.parseInt(after);
        int to = Math.min(all.size(), from + LISTED);
        ArrayNode nodes = connection.putArray("nodes");
        all.subList(from, to).forEach(id -> nodes.addObject().put("id", "gid://shopify/Order/" + id)
                .put("updatedAt", Instant.ofEpochSecond(updated.get(id)).toString()));
        connection.putObject("pageInfo").put("hasNextPage", to < all.size()).put("endCursor", Integer.toString(to));
    }

    /** The sample under another id; null: it is not there any more. */
    private JsonNode record(ObjectNode sample, String gid) {
        Long second = updated.get(Long.parseLong(gid.substring(gid.lastIndexOf('/') + 1)));
        return second == null ? json.nullNode() : sample.deepCopy().put("id", gid)
                .put("updatedAt", Instant.ofEpochSecond(second).toString());
    }
}
