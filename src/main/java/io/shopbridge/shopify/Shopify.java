package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.RepeatedBodies;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The contents of {@code mappings/shopify}: entities, topics, queries, and how answers are converted. */
public final class Shopify implements RepeatedBodies {

    /** How the queries end that ask for records of an entity by their ids. */
    public static final String BY_ID = "-by-id";
    /** How those end that list what changed since a moment. */
    public static final String UPDATED = "-updated";
    /** How those end that list the ids of a window. */
    public static final String IDS = "-ids";
    /** How those end that count. */
    public static final String COUNT = "-count";

    private final Map<String, Entity> entities;
    private final Map<String, Topic> topics;
    private final GraphqlTypes types;
    private final GraphqlQueries queries;

    Shopify(Map<String, Entity> entities, Map<String, Topic> topics, GraphqlTypes types, GraphqlQueries queries) {
        this.entities = entities;
        this.topics = topics;
        this.types = types;
        this.queries = queries;
    }

    /**
     * Reads the folder.
     *
     * @throws InvalidMappings with everything that is wrong in it
     */
    public static Shopify load(Path mappingsDir) throws InvalidMappings {
        List<Fault> faults = new ArrayList<>();
        Shopify shopify = read(mappingsDir, faults);
        InvalidMappings.refuse(faults);
        return shopify;
    }

    /** As {@link #load}, but what is wrong is added to the faults, and what is right is given. */
    public static Shopify read(Path mappingsDir, List<Fault> faults) {
        Map<String, Entity> entities = new EntitiesReader(mappingsDir, faults).read();
        Map<String, Topic> topics = new TopicsReader(mappingsDir, entities, faults).read();
        GraphqlTypes types = GraphqlTypes.read(mappingsDir, entities.values(), handled(topics.values()), faults);
        Shopify shopify = new Shopify(entities, topics, types, GraphqlQueries.read(mappingsDir, types, faults));
        shopify.refreshed().stream().filter(entity -> !shopify.asks(entity, BY_ID)).forEach(entity ->
                faults.add(new Fault(GraphqlTypes.FOLDER + "/queries/" + query(entity, BY_ID) + ".graphql", 0, "",
                        "is missing, and refresh asks for " + entity + " records by it",
                        "write the query `nodes(ids: $ids)`, or remove refresh from the file of the type")));
        return shopify;
    }

    /** The name of the query by which this is asked of an entity, as in {@code draft-order-by-id}. */
    public static String query(String entity, String ending) {
        return entity.replace('_', '-') + ending;
    }

    /** Whether there is such a query. */
    public boolean asks(String entity, String ending) {
        return queries.all().stream().anyMatch(query -> query.name().equals(query(entity, ending)));
    }

    /** Whether the shop counts what a search for such records finds; if not, it only counts all. */
    public boolean isSearchCounted(String entity) {
        return queries.get(query(entity, COUNT)).text().contains("$query");
    }

    /** The kinds of record that have such a query. */
    public Set<String> asked(String ending) {
        return entities.keySet().stream().filter(entity -> asks(entity, ending))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What is known of records of this kind. */
    public Entity entity(String name) {
        Entity entity = entities.get(name);
        return entity == null ? Entity.unknown(name) : entity;
    }

    /** The records that any topic tells of. */
    public Set<String> entities() {
        return topics.values().stream().filter(topic -> topic.entity() != null).map(topic -> topic.entity().name())
                .flatMap(name -> Stream.concat(Stream.of(name), comingWith(name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The records that come with the topics of others. */
    private Stream<String> comingWith(String entity) {
        return entities.values().stream().filter(one -> entity.equals(one.with())).map(Entity::name);
    }

    Optional<Topic> topic(String name) {
        return Optional.ofNullable(topics.get(name));
    }

    /** The topics whose bodies tell of records. */
    public Set<String> handled() {
        return handled(topics.values());
    }

    /** Whether a topic asks for something to be done, and tells of no record. */
    public boolean isDuty(String topic) {
        return topic(topic).filter(one -> one.says().equals(Topics.DUTY)).isPresent();
    }

    /** The access scopes that Shopify asks for before it tells of these entities. */
    public Set<String> scopes(Predicate<String> entity) {
        return entities.values().stream().filter(one -> one.scope() != null && entity.test(one.name()))
                .map(Entity::scope).collect(Collectors.toCollection(TreeSet::new));
    }

    /** All topics, as webhooks say them. */
    public Set<String> topics() {
        return topics.keySet();
    }

    /** Whether anything is done with a topic. */
    public boolean understands(String topic) {
        return topics.containsKey(topic);
    }

    /** The topics to subscribe to for records of these entities; those of the app itself in any case. */
    public Set<String> subscribed(Predicate<String> entity) {
        return topics.values().stream().filter(topic -> topic.entity() == null
                ? Set.of(Topics.UNINSTALLED, Topics.SCOPES).contains(topic.says())
                : !topic.optional() && (entity.test(topic.entity().name())
                        || comingWith(topic.entity().name()).anyMatch(entity)))
                .map(Topic::name).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The topic that says a record was deleted, by the type in its global id. */
    Optional<String> topicOfDeletion(String type) {
        return topics.values().stream().filter(topic -> topic.says().equals("deleted") && topic.entity() != null
                && type.equals(topic.entity().type())).map(Topic::name).findFirst();
    }

    @Override
    public boolean mayRepeat(String topic) {
        return topic(topic).filter(Topic::repeats).isPresent();
    }

    /** Whether a topic is about records of this kind, and not of one that its bodies name beside it. */
    public boolean isAbout(String topic, String entity) {
        return topic(topic).filter(one -> one.entity() != null && one.entity().name().equals(entity)).isPresent();
    }

    /** The topic by which Shopify says that a record of this kind was deleted. */
    public Optional<String> deletion(String entity) {
        return topics.values().stream().filter(topic -> topic.says().equals(Topics.DELETED))
                .map(Topic::name).filter(name -> isAbout(name, entity)).sorted().findFirst();
    }

    /** The files with bodies of topics, from {@code mappings/shopify}, by topic. */
    public Map<String, String> samples() {
        return topics.values().stream().filter(topic -> topic.sample() != null)
                .collect(Collectors.toMap(Topic::name, Topic::sample, (one, other) -> one, TreeMap::new));
    }

    /** The kinds of record that a backfill can export. */
    public List<String> exported() {
        return entities.keySet().stream().filter(entity -> exportOf(entity).isPresent()).sorted().toList();
    }

    /** The type whose objects a bulk operation exports for this entity: a checkout is an AbandonedCheckout there. */
    public Optional<GraphqlType> exportOf(String entity) {
        return types.all().stream().filter(type -> type.bulk() != null
                && isAbout(type.bodies().get(0).topic(), entity)).findFirst();
    }

    /** The rules by which records of this kind, or others that they name, are asked for. */
    public List<RefreshRule> refreshRules(String entity) {
        return types.all().stream().filter(type -> type.name().equals(entity(entity).type()))
                .flatMap(type -> type.refresh().stream()).toList();
    }

    /** The rules by which records of this kind are asked for, by name. */
    public Map<String, RefreshRule> refreshRulesOf(String entity) {
        return Stream.concat(refreshRules(entity).stream().filter(rule -> rule.other() == null),
                types.all().stream().flatMap(type -> type.refresh().stream())
                        .filter(rule -> rule.other() != null && rule.other().entity().equals(entity)))
                .collect(Collectors.toMap(RefreshRule::name, Function.identity(), (one, another) -> one));
    }

    /** The kinds of record that have such rules. */
    public List<String> refreshed() {
        return entities.keySet().stream().filter(entity -> !refreshRulesOf(entity).isEmpty()).sorted().toList();
    }

    public GraphqlTypes types() {
        return types;
    }

    /** What is asked of the Admin API. */
    public GraphqlQueries queries() {
        return queries;
    }

    /** The topic whose bodies have the shape of what an answer of REST's calls so. */
    Optional<String> topicOfRest(String name) {
        return topics.values().stream().filter(topic -> topic.rest().contains(name)).map(Topic::name).findFirst();
    }

    /**
     * The topic that a body of this shape most likely came with; empty where nothing tells. Which of several topics of
     * one shape it was (created, updated, paid) makes no difference to the record.
     */
    public Optional<String> topicOf(ObjectNode body) {
        return topics.values().stream().filter(topic -> topic.shape().noneOf().stream().noneMatch(body::has)
                && topic.knownBy().stream().anyMatch(fields -> fields.stream().allMatch(body::has)))
                .map(Topic::name).findFirst();
    }

    private static Set<String> handled(Collection<Topic> topics) {
        return topics.stream().filter(topic -> topic.entity() != null).map(Topic::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
