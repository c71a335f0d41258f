# Answers every request with a line. Of perl-base alone, which every Debian has.
use strict;
use warnings;
use IO::Socket::INET;
use Hello;

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1)
  or die "cannot listen on port $ARGV[0]: $!\n";
while (my $caller = $listener->accept) {
    while (my $line = <$caller>) { last if $line =~ /^\r?$/ }
    my $body = Hello::line();
    print $caller "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $caller;
}
