package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.language.Argument;
import graphql.language.AstPrinter;
import graphql.language.Field;
import graphql.language.InlineFragment;
import graphql.language.IntValue;
import graphql.language.SelectionSet;
import graphql.language.TypeName;
import graphql.language.VariableReference;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.GraphqlType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The connections of a type: the lists inside its objects that Shopify gives in pages, of which the type's fragment asks
 * for the first. The queries for the other pages are made from that fragment, so that all pages have the same fields.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/pagination-graphql">Pagination</a>
 */
public final class Connections {

    /** As many as a page may have. A page of an order's lines costs some 70 points of the 1,000 of one query. */
    private static final int PAGE = 250;
    private static final String PAGE_INFO = "pageInfo";
    private static final String HAS_NEXT_PAGE = "hasNextPage";
    private static final String END_CURSOR = "endCursor";
    private static final String NODES = "nodes";
    private static final Pattern GID = Pattern.compile("gid://shopify/(\\w+)/[^/]+");

    private final GraphqlType type;
    /** By the names that lead to them from the object, such as {@code refunds.refundLineItems}. */
    private final Map<String, Field> fields = new TreeMap<>();

    private Connections(GraphqlType type) {
        this.type = type;
    }

    /** Those that the fragment of a type asks for. */
    public static Connections of(GraphqlType type) {
        Connections connections = new Connections(type);
        connections.collect("", Fragments.fields(Fragments.selections(type.fragment())));
        return connections;
    }

    /**
     * A connection of one object of which an answer has only the first pages.
     *
     * @param path  the names that lead to it, such as {@code refunds.refundLineItems}
     * @param owner global id of the object that has it, which may be a part of the record
     */
    public record Cut(String path, String owner, ObjectNode connection) {

        /** Where the next page begins; null: Shopify says that there is one, and not where. */
        public String after() {
            return connection.path(PAGE_INFO).path(END_CURSOR).textValue();
        }

        /** Puts the next page behind those that are there. */
        public void add(JsonNode page) {
            ((ArrayNode) connection.path(NODES)).addAll((ArrayNode) page.path(NODES));
            connection.set(PAGE_INFO, page.path(PAGE_INFO));
        }

        /** Leaves it as it is; whoever reads the record is told why, and refuses it. */
        public void giveUp(String because) {
            ((ObjectNode) connection.path(PAGE_INFO)).put("because", because);
        }
    }

    /** The names that lead to each of them, such as {@code refunds.refundLineItems}. */
    public List<String> paths() {
        return List.copyOf(fields.keySet());
    }

    /** The first connection of a record that was cut and can be asked for; empty: the record is whole. */
    public Optional<Cut> cut(ObjectNode record) {
        return cut("", record, record);
    }

    /** Takes out where pages ended: the same state of a record is the same text, in however many pages it came. */
    public static void forgetPages(JsonNode json) {
        if (json.path(PAGE_INFO) instanceof ObjectNode page) {
            page.remove(END_CURSOR);
        }
        json.forEach(Connections::forgetPages);
    }

    /**
     * The query for the next page of a connection: variables {@code record} and {@code owner} are global ids, and {@code
     * after} is a cursor. In the answer, {@code record} has the time of the record's last change.
     */
    public GraphqlQuery nextPage(String path, String owner) {
        Field page = fields.get(path);
        List<Argument> arguments = new ArrayList<>(page.getArguments());
        arguments.removeIf(argument -> List.of("first", "after").contains(argument.getName()));
        arguments.add(new Argument("first", new IntValue(BigInteger.valueOf(PAGE))));
        arguments.add(new Argument("after", new VariableReference("after")));
        InlineFragment on = InlineFragment.newInlineFragment().typeCondition(new TypeName(typeOf(owner)))
                .selectionSet(new SelectionSet(List.of(page.transform(next -> next.arguments(arguments))))).build();
        String time = type.fields().contains("updatedAt") ? "updatedAt" : "id";
        return new GraphqlQuery(type.name() + " " + path, "query NextPage($record: ID!, $owner: ID!, $after: String!) {"
                + " record: node(id: $record) { ... on " + type.name() + " { " + time + " } }"
                + " owner: node(id: $owner) { " + AstPrinter.printAstCompact(on) + " } }", false);
    }

    /** The query for one record from the beginning; variable {@code record} is its global id. */
    public GraphqlQuery again() {
        return new GraphqlQuery(type.name() + " again", "query Again($record: ID!) { record: node(id: $record) { ..."
                + type.fragmentName() + " } }\n" + type.fragment(), false);
    }

    /** The page in an answer of {@link #nextPage}; missing where the object that had it is gone. */
    public JsonNode page(String path, JsonNode data) {
        return data.path("owner").path(path.substring(path.lastIndexOf('.') + 1));
    }

    private static String typeOf(String gid) {
        Matcher matcher = GID.matcher(gid);
        return matcher.matches() ? matcher.group(1) : "Node";
    }

    private Optional<Cut> cut(String path, JsonNode json, JsonNode owner) {
        if (json instanceof ObjectNode connection && fields.containsKey(path)
                && json.path(PAGE_INFO).path(HAS_NEXT_PAGE).asBoolean() && json.path(NODES).isArray()
                && !json.path(PAGE_INFO).has("because") && owner.path("id").isTextual()) {
            return Optional.of(new Cut(path, owner.path("id").asText(), connection));
        }
        if (json.isArray()) {
            for (JsonNode element : json) {
                Optional<Cut> cut = cut(path, element, element);
                if (cut.isPresent()) {
                    return cut;
                }
            }
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (field.getValue().isContainerNode()) {
                boolean isList = field.getKey().equals(NODES);
                Optional<Cut> cut = cut(isList ? path : inside(path, field.getKey()), field.getValue(), json);
                if (cut.isPresent()) {
                    return cut;
                }
            }
        }
        return Optional.empty();
    }

    private void collect(String path, List<Field> inside) {
        for (Field field : inside) {
            String at = inside(path, field.getResultKey());
            boolean connection = Fragments.isConnection(field);
            if (connection) {
                fields.put(at, field);
            }
            collect(at, Fragments.fields(Fragments.children(connection ? Fragments.nodes(field) : field)));
        }
    }

    private static String inside(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
