using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class TimeFormatTests
{
    [Theory]
    [InlineData("YYYY-MM-DDTHH:mm:ss", "2026-03-04T15:06:07")]
    [InlineData("YYYY-MM-DD HH:mm:ss.SSS Z", "2026-03-04 15:06:07.089 -05:30")]
    [InlineData("YY/M/D h:m:s A ZZ", "26/3/4 3:6:7 PM -0530")]
    [InlineData("dddd ddd d MMMM MMM hh a", "Wednesday Wed 3 March Mar 03 pm")]
    [InlineData("[at] H[h] SS S", "at 15h 08 0")]
    [InlineData("X x", "1772656567 1772656567089")]
    [InlineData("é — q", "é — q")]
    [InlineData("[open", "[open")]
    [InlineData("", "")]
    public void Times_are_written_as_by_Moment(string format, string expected) =>
        Assert.Equal(expected, TimeFormat.Parse(format).ToText(new DateTimeOffset(2026, 3, 4, 15, 6, 7, 89, new TimeSpan(-5, -30, 0))));

    [Fact]
    public void Midnight_is_twelve() => Assert.Equal("12 am", TimeFormat.Parse("h a").ToText(new DateTimeOffset(2026, 3, 4, 0, 1, 0, TimeSpan.Zero)));
}
