package Hello;
use strict;
use warnings;

sub line { return "Hello from Perl, $ENV{SERVICE_ID} $ENV{SERVICE_VERSION}\n" }

1;
