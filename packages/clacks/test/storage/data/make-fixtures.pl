#!/usr/bin/env perl
# Makes the files beside it: what YAML::Syck writes of names and values of every odd kind, framed as
# Net::Clacks frames it, and what a reader must find in it, as JSON: rows of name, value (null: a
# tombstone), last write, last access; one character for each byte.
#
#   apt-get install libyaml-syck-perl     # the files were made with YAML::Syck 1.34 and Perl 5.36
#   PERL_HASH_SEED=0 perl make-fixtures.pl && npx prettier --write .

use strict;
use warnings;
use feature 'refaliasing';
no warnings 'experimental::refaliasing';
use File::Basename 'dirname';
use JSON::PP;
use MIME::Base64;
use YAML::Syck;

chdir dirname(__FILE__) or die;
$YAML::Syck::SortKeys = 1;    # the same files each time, with the seed above

sub bytes { my ($s) = @_; utf8::encode($s) if defined $s && utf8::is_utf8($s); return $s }
sub utf8ed { my ($s) = @_; utf8::upgrade($s); return $s }

sub write_file {
    my ($name, $content) = @_;
    open my $file, '>:raw', $name or die "$name: $!";
    print $file $content;
    close $file or die "$name: $!";
}

sub expect {
    my ($name, @rows) = @_;
    @rows = sort { $a->[0] cmp $b->[0] } map { [bytes($_->[0]), bytes($_->[1]), $_->[2] + 0, $_->[3] + 0] } @rows;
    write_file("$name.json", JSON::PP->new->ascii->encode(\@rows));
}

sub current { my ($name, $map) = @_; write_file("$name.bin", "\0CLACKSV3" . bytes(Dump($map)) . "\0CLACKSV3") }

sub older {
    my ($name, @maps) = @_;
    write_file("$name.txt", join('', map { encode_base64(bytes(Dump($_)), '') . "\n" } @maps) . "ENDBYTES\n");
}

# Strings that mean something to YAML, to Perl or to YAML::Syck, or that are written in an own way.
my @odd = (
    '', '~', '~a', 'null', 'Null', 'NULL', 'yes', 'Yes', 'no', 'true', 'false', 'y', 'n', 'on', 'off',
    '0', '1', '-1', '+1', '007', '00', '-0', '0x1f', '0o17', '1_000', '1,000', '1e5', '1E5', '1.50', '.5', '5.',
    '123456789', '1234567890', '-123456789', '18446744073709551616', '.inf', '-.inf', '.nan', 'Inf', 'nan',
    'Infinity', '0 but true', '12:30:45', '2001-01-01', '2001-01-01 12:30:45 Z',
    ' lead', 'trail ', ' ', '   ', "\ttab", "tab\t", "a\tb", "\t", ' 12', '12 ', "12\t", "12\r", "12\n", "12\n\n",
    "\n12", "\n\n12", " 1\n", "1\n ", "\r12\n",
    'a: b', 'a:b', 'a:', 'a :b', ':', ':a', '::a', ':12', ':12 ', "a:\tb", "a: 'b'", 'a #b', '#b', '#', 'a#b',
    "'", "''", "it's", "a ' b", "'quoted'", '"', 'a"b', '"quoted"', '\\', 'a\\b', '\\x41', '\\n', 'C:\\new', '\\"',
    '&', '&a', '&1 a', '*', '*a', '*1', '!', '!a', '!!str a', '|', '|-', '| a', '>', '>a', '>-', '%', '%TAG', '@', '@a',
    '`', '`a', '^', '^a', ',', ',foo', ', a', 'a, b', '[', '[a', '[a]', '[]', ']', 'a]', '{', '{a', '{}', '{a: b}', '}', 'a}',
    '?', '? a', '?a', '-', '- a', '-a', '--', '---', '--- ', '--- a', '---a', '...', '... a', '<<', '<<: a', '=', '=a', '<a',
    "a\nb", "a\nb\n", "a\nb\n\n", "\n", "\n\n\n", "\na", "\n a", " a\nb", "a\n b", "a\n\nb", "a\n#b\n", "a\n--- b\n",
    "a\n...\n", "it's\na", "a\r\nb", "\r", "a\r", "\ra", "a\rb", "\r\r", "a \r", "\x00", "a\x00b", "\x00CLACKSV3", "\x07\b\f\x0b\e",
    "\x01", "\x7f", "\e[1m", "\x80", "\x85", "\xa0", "\xff", "\xff\xfe\n", "caf\xe9", "caf\xc3\xa9", "caf\xc3\xa9\n",
    "\xc2\x85", "\xe2\x80\xa8", "\xef\xbb\xbf", "\xef\xbb\xbfa", "\xc3", "\xc3\n", "\xf0\x9f\x90\xa2", "\xed\xa0\x80",
    utf8ed("na\xefve"), utf8ed("na\xefve\n"), "\x{263a}", "\x{263a}\n", "\x{1f422} \x{e9}", "\x{263a}: \x{263a}", utf8ed('ascii'),
    'x' x 300, 'word ' x 60, 'word ' x 60 . 'end', 'word ' x 60 . "\nend", "'" x 99, '"' x 99, '\\' x 99, "x\n" x 99,
    'PAGECAMELCLACKSB64: AAEC', 'ENDBYTES', 'data', 'deleted', 'constructor', '__proto__', 'a=b', 'a b',
);
# And each byte, alone and at either end.
my @bytes = map { my $c = chr; ($c, "${c}x", "x$c") } 0 .. 255;

# Odd names; odd values.
my (%current, @rows);
for my $i (0 .. $#odd) {
    my ($name, $value) = ($odd[$i], $odd[-1 - $i]);
    next if exists $current{$name};
    my ($written, $read) = (1712345678 + $i / 8, 1712349999 + $i / 16);
    $current{$name} = { data => $value, cachetime => $written, accesstime => $read, deleted => 0 };
    push @rows, [$name, $value, $written, $read];
}
current('current', \%current);
expect('current', @rows);

# With settings of YAML::Syck that Net::Clacks, as far as is known, does not use. ImplicitTyping is
# not among them: it changes nothing but what Load does.
for my $setting (qw(ImplicitUnicode SingleQuote Headless)) {
    no strict 'refs';
    local ${"YAML::Syck::$setting"} = 1;
    current('current-' . lc $setting, \%current);
}

# Tombstones, times and numbers in the ways in which Perl may hold them.
my $string = '1712345678.25';
my $used = $string + 0;    # has become a string and a number
current('current-kinds', {
    removed => { data => 'REMOVED', cachetime => 1712345678.5, accesstime => 0, deleted => 1 },
    nodata => { cachetime => '1712345678.5', deleted => 1 },
    undefined => { data => undef, cachetime => 1712345678, accesstime => 1712345679, deleted => 1 },
    flags => { data => 'v', cachetime => $string, accesstime => undef, deleted => !!0 },
    truth => { data => 'v', cachetime => 1712345678.123456, accesstime => 1, deleted => !!1 },
    bare => { data => 'v' },
    empty => {},
    later => { data => 'v', cachetime => 1e9, accesstime => 1e-7, deleted => undef, version => 'new' },
    integer => { data => 42, cachetime => 1712345678, accesstime => 999_999_999, deleted => 0 },
    negative => { data => -42, cachetime => 0, accesstime => 0, deleted => '0' },
    float => { data => 0.1 + 0.2, cachetime => 0, accesstime => 0, deleted => '' },
    large => { data => 1e20, cachetime => 0, accesstime => 0, deleted => 0 },
    unsigned => { data => 18446744073709551615, cachetime => 0, accesstime => 0, deleted => 0 },
});
expect('current-kinds',
    ['removed', undef, 1712345678.5, 0], ['nodata', undef, 1712345678.5, 0], ['undefined', undef, 1712345678, 0],
    ['flags', 'v', 1712345678.25, 0], ['truth', undef, 1712345678.12346, 0], ['bare', 'v', 0, 0], ['empty', undef, 0, 0],
    ['later', 'v', 1e9, 1e-7], ['integer', '42', 1712345678, 999_999_999], ['negative', '-42', 0, 0],
    ['float', '0.3', 0, 0], ['large', '1e+20', 0, 0], ['unsigned', '18446744073709551615', 0, 0],
);

# What stands in several places is written once: &1, and *1 from then on.
my %shared = (
    a => { data => "a\nb", cachetime => 1, accesstime => 2, deleted => 0 },
    b => { cachetime => 3, accesstime => 4, deleted => 0 },
    d => { data => 'plain', cachetime => 5.5, accesstime => 5.5, deleted => 0 },
);
\$shared{b}{data} = \$shared{a}{data};
\$shared{d}{accesstime} = \$shared{d}{cachetime};
$shared{c} = $shared{b};
current('current-shared', \%shared);
expect('current-shared', ['a', "a\nb", 1, 2], ['b', "a\nb", 3, 4], ['c', "a\nb", 3, 4], ['d', 'plain', 5.5, 5.5]);

current('current-empty', {});
expect('current-empty');

# The older form, with access times and without; in the latter, removed names have a time only.
my %data = map { ($_ => $_) } @bytes;
my %times = map { ($_ => 1500000000.25) } @bytes;
my %accesses = (%times, forgotten => 1);
older('older', \%data, \%times, \%accesses);
expect('older', map { [$_, $_, 1500000000.25, 1500000000.25] } keys %data);
my %small = (a => 1, b => 'text', untimed => "\x00");
older('older-two', \%small, { a => 1500000000, b => 1500000001.5, removed => 1500000002.75 });
expect('older-two', ['a', '1', 1500000000, 0], ['b', 'text', 1500000001.5, 0], ['untimed', "\x00", 0, 0], ['removed', undef, 1500000002.75, 0]);
older('older-empty', {}, {}, {});
expect('older-empty');
