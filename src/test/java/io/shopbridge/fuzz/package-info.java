/**
 * What nobody sends on purpose: signed bodies that are broken in every way that JSON and bytes allow, and requests that
 * are no HTTP. The process must stay up, keep its log clean and deliver what is good in between.
 */
package io.shopbridge.fuzz;
