package io.shopbridge.deliver;

import java.util.Locale;
import org.apache.camel.Converter;
import org.apache.camel.TypeConverters;
import org.apache.camel.component.http.HttpMethods;
import org.springframework.stereotype.Component;

/**
 * From text to the constants that every delivery asks for many times. Camel would find them itself, but looks through all
 * its converters for a better one first, each time.
 */
@Component
public class WordsOfRoutes implements TypeConverters {

    /** As route {@code write} has it: {@code line-items}. */
    @Converter
    public static Kind kind(String word) {
        return Kind.valueOf(word.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @Converter
    public static HttpMethods method(String name) {
        return HttpMethods.valueOf(name);
    }
}
