package io.shopbridge.shopify;

import java.util.List;
import java.util.Map;

/**
 * What {@code topics.yaml} says of one topic.
 *
 * @param entity  the records that it tells of; null where it tells of none
 * @param says    the name of the reader
 * @param id      where its body names the record, as names with dots; empty: as the entity has it
 * @param idMayBeMissing whether a body without that id says nothing rather than something wrong
 * @param in      the field that holds what it tells; null: the body itself
 * @param at      the fields of which the first that is a time is the version; null: as of a state
 * @param list    of a part: the list of the entity that it belongs to
 * @param part    of a part: the field with its id; null: as the entity has it
 * @param without of a part without that field: what it is called; null: it must have it
 * @param facet   of a consent or facet: its name
 * @param take    the only fields that a part or facet gets, each with its path in the body; null: all of them
 * @param repeats whether two events may have the same body
 * @param optional whether nothing is lost without it
 * @param because of a note: why it changes nothing; null elsewhere
 * @param add     fields of the body that the facet gets too
 * @param rename  fields of the facet, by the names that they have in the body
 * @param knownBy alternatives of fields, by which a body given without its topic is recognised
 * @param rest    what an answer of REST's calls an object of the same shape
 * @param sample  a file with a body of this topic, from {@code mappings/shopify}; null: there is none
 */
record Topic(String name, Entity entity, String says, List<String> id, boolean idMayBeMissing, String in,
        List<String> at, String list, String part, String without, String facet,
        Map<String, String> take, boolean repeats, boolean optional, String because, List<String> add, Map<String, String> rename, TopicShape shape, List<List<String>> knownBy, List<String> rest,
        String sample) {
}
