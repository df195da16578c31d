package io.shopbridge.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every merge, whatever the two sides and the base hold. */
class MergePropertiesTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<Field> FIELDS = fields();

    private final Merge merge = new Merge();

    /** One situation: a value of null in a map is JSON null, and a field may be missing from any of them. */
    record Situation(Map<String, JsonNode> shopify, Map<String, JsonNode> next, Map<String, JsonNode> own,
            Map<String, JsonNode> sibling, Map<String, JsonNode> crm, boolean read, int shopifyTime, int crmTime) {

        Instant shopifyAt() {
            return START.plusSeconds(shopifyTime);
        }
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void aFieldOfTheCrmIsNeverWritten(@ForAll("situations") Situation s, @ForAll boolean exists) {
        Decision decision = merge.decide(FIELDS, mapped(s.shopify()), base(s), present(s), exists, s.shopifyAt());

        assertThat(decision.write()).doesNotContainKeys("crm-0", "crm-1");
        assertThat(decision.base()).doesNotContainKeys("crm-0", "crm-1");
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void onlyShopifysAnswersAreWritten(@ForAll("situations") Situation s, @ForAll boolean exists) {
        Decision decision = merge.decide(FIELDS, mapped(s.shopify()), base(s), present(s), exists, s.shopifyAt());

        decision.write().forEach((field, value) -> assertThat(value).isEqualTo(s.shopify().get(field)));
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void doingItTwiceChangesNothing(@ForAll("situations") Situation s, @ForAll boolean exists) {
        Decision first = merge.decide(FIELDS, mapped(s.shopify()), base(s), present(s), exists, s.shopifyAt());
        Map<String, JsonNode> crm = exists ? written(s.crm(), first) : first.write();

        Decision again = merge.decide(FIELDS, mapped(s.shopify()), new Base(first.base(), List.of(s.sibling())),
                s.read() ? new CrmValues(crm, START.plusSeconds(s.crmTime())) : null, true, s.shopifyAt());

        assertThat(again.write()).isEmpty();
        assertThat(again.conflicts()).isEmpty();
        assertThat(again.base()).isEqualTo(first.base());
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void itDoesNotMatterHowOftenAStateWasSeen(@ForAll("situations") Situation s, @ForAll boolean readAgain) {
        Decision once = merge.decide(FIELDS, mapped(s.shopify()), base(s), present(s), true, s.shopifyAt());
        Map<String, JsonNode> crm = written(s.crm(), once);
        Map<String, JsonNode> seenOnce = once.base();
        Map<String, JsonNode> seenOften = seenOnce;
        for (int i = 0; i < 3; i++) {
            // The write itself moves the CRM's record time; seeing it again must not look like somebody's edit
            CrmValues values = s.read() ? new CrmValues(crm, START.plusSeconds(100 + i)) : null;
            Decision again = merge.decide(FIELDS, mapped(s.shopify()), new Base(seenOften, List.of(s.sibling())),
                    values, true, s.shopifyAt());
            crm = written(crm, again);
            seenOften = again.base();
        }
        CrmValues present = readAgain ? new CrmValues(crm, START.plusSeconds(200)) : null;

        Decision afterOnce = merge.decide(FIELDS, mapped(s.next()), new Base(seenOnce, List.of(s.sibling())), present,
                true, START.plusSeconds(300));
        Decision afterOften = merge.decide(FIELDS, mapped(s.next()), new Base(seenOften, List.of(s.sibling())), present,
                true, START.plusSeconds(300));

        assertThat(afterOften).isEqualTo(afterOnce);
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void withoutNeedForTheCrmsValuesTheCheapDecisionIsTheFullOne(@ForAll("situations") Situation s) {
        if (!merge.needsCrmValues(FIELDS, mapped(s.shopify()), base(s))) {
            Decision blind = merge.decide(FIELDS, mapped(s.shopify()), base(s), null, true, s.shopifyAt());

            assertThat(blind.write().keySet()).allMatch(field -> field.startsWith("shopify-")
                    && !field.startsWith("shopify-on-create"));
            assertThat(blind.conflicts()).isEmpty();
        }
    }

    @Provide
    Arbitrary<Situation> situations() {
        Arbitrary<Map<String, JsonNode>> values = values();
        return Combinators.combine(values, values, values, values, values, Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 3), Arbitraries.integers().between(0, 3)).as(Situation::new);
    }

    /** Few different values, so that they often meet. */
    private static Arbitrary<Map<String, JsonNode>> values() {
        Arbitrary<JsonNode> value = Arbitraries.of(TextNode.valueOf("a"), TextNode.valueOf("b"),
                TextNode.valueOf("unsubscribed"), TextNode.valueOf(""), NullNode.getInstance());
        return Arbitraries.maps(Arbitraries.of(FIELDS.stream().map(Field::name).toList()), value)
                .ofMinSize(FIELDS.size() / 2).ofMaxSize(FIELDS.size());
    }

    private static List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        for (Owner owner : Owner.values()) {
            fields.add(Field.of(owner.word() + "-0", owner));
            fields.add(Field.of(owner.word() + "-1", owner));
        }
        return fields;
    }

    private static Map<String, JsonNode> written(Map<String, JsonNode> crm, Decision decision) {
        Map<String, JsonNode> after = new HashMap<>(crm);
        after.putAll(decision.write());
        return after;
    }

    private static MappedRecord mapped(Map<String, JsonNode> values) {
        return new MappedRecord(new LinkedHashMap<>(values), List.of());
    }

    private static Base base(Situation s) {
        return new Base(s.own(), List.of(s.sibling()));
    }

    private static CrmValues present(Situation s) {
        return s.read() ? new CrmValues(s.crm(), START.plusSeconds(s.crmTime())) : null;
    }
}
