package io.shopbridge.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.map.Owner;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MergeTest {

    private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-01-02T00:00:00Z");
    /** In place of a value: the field is not there at all. */
    private static final String ABSENT = "absent";

    private final Merge merge = new Merge();

    @Test
    void shopifysFieldIsWrittenWhereItChanged() {
        assertThat(write(Owner.SHOPIFY, "b", "a", ABSENT)).isEqualTo("b");
        assertThat(write(Owner.SHOPIFY, "a", "a", ABSENT)).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, "a", ABSENT, ABSENT)).isEqualTo("a");
        assertThat(write(Owner.SHOPIFY, "a", "a", "changed in the CRM")).isEqualTo("a");
        assertThat(write(Owner.SHOPIFY, "a", ABSENT, "a")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, "a", "old", "a")).isEqualTo(ABSENT);
    }

    @Test
    void shopifysFieldIsClearedOnlyWhereShopifyHadFilledIt() {
        assertThat(write(Owner.SHOPIFY, null, "a", ABSENT)).isNull();
        assertThat(write(Owner.SHOPIFY, null, "a", "b")).isNull();
        assertThat(write(Owner.SHOPIFY, null, "a", "")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, null, null, ABSENT)).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, null, ABSENT, ABSENT)).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, null, ABSENT, "typed in the CRM")).isEqualTo(ABSENT);
    }

    @Test
    void whatIsWrittenOnceIsNeverWrittenAgain() {
        assertThat(write(Owner.SHOPIFY_ONCE, "a", ABSENT, "")).as("nobody has it yet").isEqualTo("a");
        assertThat(write(Owner.SHOPIFY_ONCE, "a", null, "")).as("the rule fits only now").isEqualTo("a");
        assertThat(write(Owner.SHOPIFY_ONCE, "b", "a", "a")).as("another rule fits").isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ONCE, "a", "a", "")).as("a user emptied it").isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ONCE, "a", ABSENT, "typed in the CRM")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ONCE, null, "a", "a")).as("no rule fits any more").isEqualTo(ABSENT);
    }

    @Test
    void anUnsubscribeInTheCrmStaysUntilShopifyHasANewerAnswer() {
        assertThat(write(Owner.SHOPIFY, "subscribed", "subscribed", "unsubscribed")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, "subscribed", ABSENT, "unsubscribed")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, null, "subscribed", "unsubscribed")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY, "subscribed", "pending", "unsubscribed")).isEqualTo("subscribed");
        assertThat(write(Owner.SHOPIFY, "unsubscribed", "subscribed", "subscribed")).isEqualTo("unsubscribed");
    }

    /** Whatever the CRM's words are: the value table of the field says which of them mean no. */
    static Stream<Arguments> consents() {
        Mappings mappings = Mappings.load(Path.of("mappings"));
        List<Arguments> consents = new ArrayList<>();
        mappings.all().forEach(mapping -> mapping.fields().stream().filter(Field::isConsent).forEach(field -> {
            JsonNode no = said(mapping, field, "unsubscribed");
            JsonNode yes = said(mapping, field, "subscribed");
            if (yes != null) {
                consents.add(Arguments.of(mapping.folder() + " " + field.name(), field, yes, no));
            }
        }));
        return consents.stream();
    }

    private static JsonNode said(Mapping mapping, Field field, String state) {
        ObjectNode customer = JsonNodeFactory.instance.objectNode().put("id", "1").put("last_name", "Lovelace");
        for (String channel : List.of("email", "sms", "whats_app")) {
            customer.putObject(channel + "_marketing_consent").put("state", state);
        }
        return mapping.map(customer, new MappingContext("main", "US")).fields().get(field.name());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("consents")
    void anUnsubscribeWinsEveryDoubt(String name, Field field, JsonNode yes, JsonNode no) {
        JsonNode nothing = NullNode.getInstance();
        for (JsonNode base : Arrays.asList(null, nothing)) {
            assertThat(written(field, no, base, yes, EARLIER, LATER)).as("the CRM's default is nobody's edit").isTrue();
        }
        assertThat(written(field, no, yes, nothing, EARLIER, LATER)).as("of a record's time").isTrue();
        for (JsonNode base : Arrays.asList(null, nothing, yes)) {
            assertThat(written(field, yes, base, no, EARLIER, LATER)).as("the CRM's no is newer").isFalse();
            assertThat(written(field, yes, base, no, LATER, LATER)).as("a tie").isFalse();
            assertThat(written(field, yes, base, no, null, LATER)).as("ours may be older").isFalse();
            assertThat(written(field, yes, base, no, LATER, null)).as("theirs may be newer").isFalse();
        }
        assertThat(written(field, yes, nothing, no, LATER, EARLIER)).as("Shopify's yes is provably newer").isTrue();
        assertThat(written(field, yes, no, no, EARLIER, LATER)).as("the no was Shopify's own").isTrue();
        assertThat(merge.needsCrmValues(List.of(field), mapped(field, yes), base(field, nothing))).isTrue();
    }

    @Test
    void aValueThatTheCrmItselfPutsThereCountsAsNoneForAFieldThatIsWrittenOnce() {
        assertThat(writtenOnce("api user", "api user")).isEqualTo("a");
        assertThat(writtenOnce("somebody", "api user")).isEqualTo(ABSENT);
        assertThat(writtenOnce("somebody", null)).as("no such value is known").isEqualTo(ABSENT);
        assertThat(writtenOnce("", "api user")).isEqualTo("a");
    }

    private String writtenOnce(String crm, String asEmpty) {
        Field field = Field.of("F", Owner.SHOPIFY_ONCE);
        JsonNode written = merge.decide(List.of(field), new MappedRecord(values("F", "a"), List.of(),
                values("F", asEmpty), List.of()), new Base(values("F", null), List.of()),
                new CrmValues(values("F", crm), EARLIER), true, LATER).write().get("F");
        return written == null ? ABSENT : written.textValue();
    }

    @Test
    void aLaterAnswerInTheCrmCountsWhereItKnowsTheFieldsOwnTime() {
        Field field = Field.of("F", Owner.NEWEST_WINS);
        CrmValues asked = new CrmValues(values("F", "subscribed"), LATER, Map.of("F", LATER));

        assertThat(merge.decide(List.of(field), mapped("unsubscribed"), new Base(values("F", "pending"), List.of()),
                asked, true, EARLIER).write()).isEmpty();
    }

    @Test
    void anInitialFalseFlagIsNotAnEdit() {
        Field field = Field.of("F", Owner.NEWEST_WINS);
        Map<String, JsonNode> no = Map.of("F", BooleanNode.FALSE);

        assertThat(merge.decide(List.of(field), new MappedRecord(Map.of("F", BooleanNode.TRUE), List.of()),
                new Base(values("F", null), List.of()), new CrmValues(no, LATER), true, EARLIER).write()).isNotEmpty();
        assertThat(merge.decide(List.of(field), new MappedRecord(Map.of("F", BooleanNode.TRUE), List.of()),
                new Base(Map.of("F", BooleanNode.TRUE), List.of()), new CrmValues(no, LATER), true, EARLIER).write())
                .as("a person took it back").isEmpty();
    }

    private boolean written(Field field, JsonNode value, JsonNode base, JsonNode crm, Instant shopifyTime,
            Instant crmTime) {
        Map<String, JsonNode> present = Map.of(field.name(), crm);
        return merge.decide(List.of(field), mapped(field, value), base(field, base), new CrmValues(present, crmTime),
                true, shopifyTime).write().containsKey(field.name());
    }

    private static MappedRecord mapped(Field field, JsonNode value) {
        return new MappedRecord(Map.of(field.name(), value), List.of());
    }

    private static Base base(Field field, JsonNode value) {
        return new Base(value == null ? Map.of() : Map.of(field.name(), value), List.of());
    }

    @Test
    void twoStoresThatShareARecordDoNotTakeTurns() {
        Field field = Field.of("F", Owner.SHOPIFY);
        Base base = new Base(values("F", "ours"), List.of(values("F", "theirs")));

        assertThat(decide(field, "ours", base, "theirs").write()).isEmpty();
        assertThat(decide(field, "ours, changed", base, "theirs").write()).isNotEmpty();
    }

    @Test
    void aRecordThatFollowsWritesOnlyWhatTheOthersDoNot() {
        for (Owner owner : List.of(Owner.SHOPIFY, Owner.SHOPIFY_ON_CREATE, Owner.NEWEST_WINS)) {
            Field field = Field.of("F", owner);
            Base linkedNow = new Base(Map.of(), List.of(values("F", "theirs")), true);
            assertThat(decide(field, "ours", linkedNow, "theirs").write()).as("%s", owner).isEmpty();
            assertThat(decide(field, "ours", linkedNow, "").write()).as("%s", owner).isNotEmpty();
            Base same = new Base(values("F", "theirs"), List.of(values("F", "theirs")), true);
            assertThat(decide(field, null, same, "theirs").write()).as("%s", owner).isEmpty();
            assertThat(decide(field, "ours", same, "theirs").write()).as("%s", owner).isEmpty();
            Base own = new Base(values("F", "ours"), List.of(values("F", null)), true);
            assertThat(decide(field, "ours, changed", own, "ours").write()).as("%s", owner).isNotEmpty();
        }
    }

    @Test
    void aNoOfAnyoneStandsUntilItIsTakenBackThere() {
        Field field = Field.of("F", Owner.SHOPIFY);
        Base theirNo = new Base(values("F", "subscribed"), List.of(values("F", "unsubscribed")));
        assertThat(decide(field, "subscribed again", theirNo, "unsubscribed").write()).isEmpty();
        Base follower = new Base(values("F", "unsubscribed"), List.of(values("F", "subscribed")), true);
        assertThat(decide(field, "subscribed", follower, "unsubscribed").write()).isNotEmpty();
        assertThat(decide(field, "unsubscribed", new Base(Map.of(), List.of(values("F", "subscribed")), true),
                "subscribed").write()).as("a no needs no lead").isNotEmpty();
    }

    @Test
    void shopifyOnCreateIsOursUntilTheCrmHasAValueOfItsOwn() {
        assertThat(write(Owner.SHOPIFY_ON_CREATE, "a", ABSENT, "")).isEqualTo("a");
        assertThat(write(Owner.SHOPIFY_ON_CREATE, "b", "a", "a")).isEqualTo("b");
        assertThat(write(Owner.SHOPIFY_ON_CREATE, "b", "a", "own")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ON_CREATE, "b", ABSENT, "own")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ON_CREATE, null, "a", "a")).as("still what Shopify had put there").isNull();
        assertThat(write(Owner.SHOPIFY_ON_CREATE, null, "a", "own")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ON_CREATE, null, ABSENT, "own")).isEqualTo(ABSENT);
        assertThat(write(Owner.SHOPIFY_ON_CREATE, "b", "a", ABSENT)).isEqualTo(ABSENT);
        assertThat(decide(Field.of("F", Owner.SHOPIFY_ON_CREATE), "b",
                new Base(Map.of(), List.of(values("F", "a"))), "a").write()).isNotEmpty();
    }

    @Test
    void anotherStoresKeyStays() {
        Base base = new Base(Map.of(), List.of(values("F", "outlet:1")));

        assertThat(decide(Field.key("F"), "main:1", base, "outlet:1").write()).isEmpty();
        assertThat(decide(Field.key("F"), "main:1", base, "").write()).isNotEmpty();
        assertThat(decide(Field.key("F"), "main:2", new Base(values("F", "main:1"), List.of()), "main:1").write())
                .isNotEmpty();
    }

    @Test
    void newestWinsLooksAtWhoChanged() {
        assertThat(write(Owner.NEWEST_WINS, "b", "a", "a")).isEqualTo("b");
        assertThat(write(Owner.NEWEST_WINS, null, "a", "a")).isNull();
        assertThat(write(Owner.NEWEST_WINS, "a", "a", "b")).isEqualTo(ABSENT);
        assertThat(write(Owner.NEWEST_WINS, "a", "a", "a")).isEqualTo(ABSENT);
        assertThat(write(Owner.NEWEST_WINS, "b", "a", "b")).isEqualTo(ABSENT);
        assertThat(write(Owner.NEWEST_WINS, "a", ABSENT, "")).isEqualTo("a");
    }

    @Test
    void whereBothChangedTheLaterWinsAndTheLoserIsRecorded() {
        Decision shopify = newest("s", "a", "c", LATER, EARLIER);
        Decision crm = newest("s", "a", "c", EARLIER, LATER);

        assertThat(shopify.write()).isEqualTo(values("F", "s"));
        assertThat(crm.write()).isEmpty();
        assertThat(crm.conflicts()).singleElement().satisfies(conflict -> {
            assertThat(conflict.winner()).isEqualTo(Conflict.Winner.CRM);
            assertThat(conflict.shopifyHash()).hasSize(64).isNotEqualTo(conflict.crmHash());
            assertThat(conflict.crmTime()).isEqualTo(LATER);
        });
        assertThat(shopify.conflicts()).extracting(Conflict::winner).containsExactly(Conflict.Winner.SHOPIFY);
    }

    @Test
    void aFieldsOwnTimeCountsMoreThanItsRecords() {
        CrmValues recordLater = new CrmValues(values("F", "c"), LATER, Map.of("F", EARLIER.minusSeconds(1)));
        Decision decision = merge.decide(List.of(Field.of("F", Owner.NEWEST_WINS)), mapped("s"),
                new Base(values("F", "a"), List.of()), recordLater, true, EARLIER);

        assertThat(decision.write()).isEqualTo(values("F", "s"));
        assertThat(decision.conflicts()).extracting(Conflict::crmTime).containsExactly(EARLIER.minusSeconds(1));
    }

    @Test
    void aTieGoesToShopifyUnlessItIsAnUnsubscribe() {
        assertThat(newest("s", "a", "c", LATER, LATER).write()).isNotEmpty();
        assertThat(newest("subscribed", "pending", "unsubscribed", LATER, LATER).write()).isEmpty();
        assertThat(newest("unsubscribed", "pending", "subscribed", LATER, LATER).write()).isNotEmpty();
        assertThat(newest("subscribed", "pending", "unsubscribed", null, null).write()).isEmpty();
    }

    @Test
    void aLostConflictIsNotRecordedAgainUntilTheNextEdit() {
        Map<String, JsonNode> after = newest("s", "a", "c", EARLIER, LATER).base();
        Field field = Field.of("F", Owner.NEWEST_WINS);
        CrmValues present = new CrmValues(values("F", "c"), EARLIER);

        assertThat(merge.decide(List.of(field), mapped("s"), new Base(after, List.of()), present, true, LATER).write())
                .isEmpty();
        assertThat(merge.decide(List.of(field), mapped("s2"), new Base(after, List.of()), present, true, LATER).write())
                .isEqualTo(values("F", "s2"));
    }

    @Test
    void onlyAChangeThatTheCrmHasASayInCostsARead() {
        assertThat(needsRead(Owner.SHOPIFY, "b", "a")).isFalse();
        assertThat(needsRead(Owner.CRM, "b", "a")).isFalse();
        assertThat(needsRead(Owner.SHOPIFY_ON_CREATE, "a", "a")).isFalse();
        assertThat(needsRead(Owner.SHOPIFY_ON_CREATE, null, "a")).isTrue();
        assertThat(needsRead(Owner.SHOPIFY_ON_CREATE, null, ABSENT)).isFalse();
        assertThat(needsRead(Owner.SHOPIFY_ON_CREATE, "b", "a")).isTrue();
        assertThat(needsRead(Owner.NEWEST_WINS, null, "a")).isTrue();
        assertThat(needsRead(Owner.NEWEST_WINS, null, ABSENT)).isFalse();
    }

    @Test
    void aNewRecordGetsEverythingWithAValueButTheCrmsOwn() {
        List<Field> fields = List.of(Field.of("A", Owner.SHOPIFY), Field.of("B", Owner.SHOPIFY_ON_CREATE),
                Field.of("C", Owner.NEWEST_WINS), Field.of("D", Owner.CRM), Field.of("E", Owner.SHOPIFY));
        Map<String, JsonNode> values = new LinkedHashMap<>();
        List.of("A", "B", "C", "D").forEach(name -> values.put(name, TextNode.valueOf("x")));
        values.put("E", NullNode.getInstance());

        Decision decision =
                merge.decide(fields, new MappedRecord(values, List.of()), Base.NONE, null, false, LATER);

        assertThat(decision.write()).containsOnlyKeys("A", "B", "C");
        assertThat(decision.base()).containsOnlyKeys("A", "B", "C", "E");
    }

    /** Half of an old address and half of a new one would be none. */
    @Test
    void thePartsOfOneWholeMoveTogether() {
        assertThat(moved("Lyon", "France", "Fargo", "USA")).as("the CRM's notation of the old country")
                .isEqualTo(values("city", "Lyon", "country", "France"));
        assertThat(moved("Lyon", null, "Fargo", "USA")).isEqualTo(values("city", "Lyon", "country", null));
        assertThat(moved("Minot", "United States", "Fargo", "USA")).as("the same country")
                .isEqualTo(values("city", "Minot"));
        assertThat(moved(null, null, "Fargo", "USA")).as("no rest of an address that is taken away stays")
                .isEqualTo(values("city", null, "country", null));
        assertThat(moved("Fargo", "France", "Fargo", "USA")).as("nothing of it is Shopify's").isEmpty();
        assertThat(moved("Lyon", "France", "Perth", "Australia")).as("the address is another's").isEmpty();
    }

    /** Of an address in Fargo, United States. */
    private Map<String, JsonNode> moved(String city, String country, String crmCity, String crmCountry) {
        List<Field> fields = List.of(Field.of("country", Owner.SHOPIFY_ON_CREATE).partOf("address"),
                Field.of("city", Owner.SHOPIFY_ON_CREATE).partOf("address"));
        return merge.decide(fields, new MappedRecord(values("city", city, "country", country), List.of()),
                new Base(values("city", "Fargo", "country", "United States"), List.of()),
                new CrmValues(values("city", crmCity, "country", crmCountry), EARLIER), true, LATER).write();
    }

    private static Map<String, JsonNode> values(String one, String value, String other, String otherValue) {
        Map<String, JsonNode> values = values(one, value);
        values.putAll(values(other, otherValue));
        return values;
    }

    private Decision newest(String value, String base, String crm, Instant shopifyTime, Instant crmTime) {
        return merge.decide(List.of(Field.of("F", Owner.NEWEST_WINS)), mapped(value),
                new Base(values("F", base), List.of()), new CrmValues(values("F", crm), crmTime), true, shopifyTime);
    }

    private String write(Owner owner, String value, String base, String crm) {
        Decision decision = decide(Field.of("F", owner), value, new Base(values("F", base), List.of()), crm);
        JsonNode written = decision.write().get("F");
        return written == null ? ABSENT : written.textValue();
    }

    private Decision decide(Field field, String value, Base base, String crm) {
        CrmValues present = ABSENT.equals(crm) ? null : new CrmValues(values("F", crm), EARLIER);
        return merge.decide(List.of(field), mapped(value), base, present, true, LATER);
    }

    private boolean needsRead(Owner owner, String value, String base) {
        return merge.needsCrmValues(List.of(Field.of("F", owner)), mapped(value),
                new Base(values("F", base), List.of()));
    }

    private static MappedRecord mapped(String value) {
        return new MappedRecord(values("F", value), List.of());
    }

    private static Map<String, JsonNode> values(String name, String value) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        if (!ABSENT.equals(value)) {
            values.put(name, value == null ? NullNode.getInstance() : TextNode.valueOf(value));
        }
        return values;
    }
}
