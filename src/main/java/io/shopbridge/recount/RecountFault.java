package io.shopbridge.recount;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What is wrong with the mirror of a shop, or with its recounts.
 *
 * @param entity  null: all
 * @param because what is wrong
 * @param advice  what to do
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecountFault(String store, String entity, String because, String advice) {
}
