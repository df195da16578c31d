package io.shopbridge;

import io.shopbridge.command.Commands;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts Shopbridge: one process that receives from Shopify and delivers to the configured CRMs. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Shopbridge {

    public static void main(String[] args) {
        if (Commands.isOne(args)) {
            System.exit(Commands.run(args));
        }
        SpringApplication.run(Shopbridge.class, args);
    }
}
