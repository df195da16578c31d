package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** A CRM field as its mapping defines it. */
public final class Field {

    private static final String UNSUBSCRIBED = "unsubscribed";

    private final String name;
    private final Owner owner;
    private final Direction direction;
    private final Rule rule;
    private final Back back;
    private final Equality sameness;
    private final boolean key;
    private final String whole;

    Field(String name, Owner owner, Direction direction, Rule rule, Back back, Equality sameness) {
        this(name, owner, direction, rule, back, sameness, false, null);
    }

    private Field(String name, Owner owner, Direction direction, Rule rule, Back back, Equality sameness,
            boolean key, String whole) {
        this.name = name;
        this.owner = owner;
        this.direction = direction;
        this.rule = rule;
        this.back = back;
        this.sameness = sameness;
        this.key = key;
        this.whole = whole;
    }

    /** A field of text that only its owner says anything about, as a merge needs it. */
    public static Field of(String name, Owner owner) {
        return new Field(name, owner, Direction.TO_CRM, null, null, Equality.TEXT);
    }

    /** The field that carries our key: another store's key must stay, so it is ours only while it is empty. */
    public static Field key(String name) {
        return new Field(name, Owner.SHOPIFY_ON_CREATE, Direction.TO_CRM, null, null, Equality.TEXT, true, null);
    }

    /** The same, as a part of something that several fields are together, such as an address; null: of nothing. */
    public Field partOf(String whole) {
        return new Field(name, owner, direction, rule, back, sameness, key, whole);
    }

    /** What it is a part of; null: of nothing. */
    public String whole() {
        return whole;
    }

    /** Whether it carries our key, which no other record of Shopify's may overwrite. */
    public boolean isKey() {
        return key;
    }

    /** The CRM's name for it. */
    public String name() {
        return name;
    }

    /** Who decides it. */
    public Owner owner() {
        return owner;
    }

    /** Which way it travels. */
    public Direction direction() {
        return direction;
    }

    /** The canonical field that takes its value on the way back; null where it doesn't travel back. */
    public String backTo() {
        return back == null ? null : back.to();
    }

    /** Whether its value is made from this field of the canonical record. */
    public boolean mentions(String canonicalField) {
        return rule != null && rule.from().mentions(canonicalField);
    }

    /** The words of the mapping file that make its value; empty where it isn't made from the record alone. */
    public Optional<Source> source() {
        return Optional.ofNullable(rule).map(r -> new Source(r.from(), r.clean().texts(),
                r.table() == null ? null : r.table().name(), r.required(), r.otherwise(), r.asEmpty()));
    }

    /**
     * How a value is made.
     *
     * @param from the expression
     * @param clean the cleaners with their arguments, in order
     * @param table name of the value table; null where there is none
     * @param required whether a record without it is refused
     * @param otherwise the default; null where there is none
     * @param asEmpty gives the CRM's value that counts as none; null: only an empty one does
     */
    public record Source(Expression from, List<String> clean, String table, boolean required, JsonNode otherwise,
            Expression asEmpty) {
    }

    /** Whether it is ever written to the CRM. */
    public boolean goesToCrm() {
        return owner != Owner.CRM && direction != Direction.TO_SHOPIFY;
    }

    /** Whether two values of this field mean the same, however the CRM writes them. */
    public boolean sameValue(JsonNode a, JsonNode b) {
        return sameness.sameOrEmpty(a, b);
    }

    /** Whether a record goes without it where its value is refused; else the record is. */
    public boolean mayBeLeftOut() {
        return rule != null && !rule.rejects();
    }

    /** Whether it carries a person's consent: its value table says which values mean no. */
    public boolean isConsent() {
        return rule != null && rule.table() != null && rule.table().isConsent();
    }

    /** Whether this value of the field is an unsubscription: by its value table, else by the word itself. */
    public boolean saysNo(JsonNode value) {
        return isConsent() ? rule.table().saysNo(value)
                : value != null && value.isTextual() && value.textValue().equalsIgnoreCase(UNSUBSCRIBED);
    }

    /** Whether this value of the field is an agreement, by its value table. */
    public boolean saysYes(JsonNode value) {
        return isConsent() && rule.table().saysYes(value);
    }

    /** How the value is made; null where it isn't made from the record alone. */
    Rule rule() {
        return rule;
    }

    /** The way to Shopify: the canonical field it goes to, and how the CRM's record gives the value. */
    record Back(String to, Rule rule) {
    }
}
