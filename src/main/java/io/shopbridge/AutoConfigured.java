package io.shopbridge;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * An application with what Shopbridge uses of Spring Boot, Camel and springdoc, as listed in
 * {@code META-INF/spring/io.shopbridge.AutoConfigured.imports}, and with nothing else that they would configure.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ImportAutoConfiguration
public @interface AutoConfigured {
}
