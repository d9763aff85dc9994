using System.Globalization;
using System.Text;
using Starling.Apps.LogReport.Counting;

namespace Starling.Apps.Tests.LogReport;

public sealed class CountingTests
{
    [Fact]
    public void Percentiles_are_never_too_small_and_at_most_one_part_in_128_too_large()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var values = Enumerable.Range(0, random.Next(1, 2000)).Select(_ => (long)Math.Pow(2, random.NextDouble() * 39)).Append(0).Order().ToArray();
            var whole = new LatencyHistogram();
            var part = new LatencyHistogram();
            for (var i = 0; i < values.Length; i++)
            {
                (i % 3 == 0 ? part : whole).Add(values[i]);
            }

            whole.Merge(part);
            foreach (var percent in new[] { 0.1, 25, 50, 90, 99, 99.9, 100 })
            {
                var exact = values[(int)Math.Ceiling(percent / 100 * values.Length) - 1];
                Assert.InRange(whole.Percentile(percent), exact, exact * (1 + LatencyHistogram.RelativeError));
            }
        }
    }

    [Fact]
    public void Latencies_below_256_microseconds_are_exact_and_absurd_ones_are_cut()
    {
        for (var value = 0L; value < 256; value++)
        {
            var histogram = new LatencyHistogram();
            histogram.Add(value);
            histogram.Add(value);
            histogram.Add(1000);
            Assert.Equal(value, histogram.Percentile(50));
        }

        var absurd = new LatencyHistogram();
        absurd.Add(long.MaxValue);
        Assert.Equal(LatencyHistogram.Largest, absurd.Percentile(50));
    }

    [Fact]
    public void More_keys_than_a_table_holds_are_counted_within_the_stated_error()
    {
        const int Capacity = 64;
        var random = new Random(2);
        var exact = new Dictionary<string, long>();
        TopTable[] tables = [new(Capacity), new(Capacity), new(Capacity)];
        for (var i = 0; i < 30_000; i++)
        {
            var key = ((int)Math.Pow(random.NextDouble() * 10, 3)).ToString(CultureInfo.InvariantCulture);
            exact[key] = exact.GetValueOrDefault(key) + 1;
            tables[random.Next(3)].Add(Encoding.ASCII.GetBytes(key));
        }

        tables[0].Merge(tables[1]);
        tables[0].Merge(tables[2]);
        Assert.InRange(tables[0].Forgotten, 1, 2 * 30_000 / Capacity);
        var entries = tables[0].Top(Capacity).ToDictionary(entry => Encoding.ASCII.GetString(entry.Key));
        foreach (var (key, count) in exact)
        {
            if (entries.TryGetValue(key, out var entry))
            {
                Assert.InRange(count, entry.Count - entry.Error, entry.Count);
                Assert.True(entry.Error <= tables[0].Forgotten);
            }
            else
            {
                Assert.True(count <= tables[0].Forgotten, $"{key} came {count} times and is missing; {tables[0].Forgotten} may be.");
            }
        }

        Assert.Equal(exact.MaxBy(pair => pair.Value).Key, Encoding.ASCII.GetString(tables[0].Top(1)[0].Key));
    }

    [Fact]
    public void Keys_of_all_lengths_are_told_apart()
    {
        var table = new TopTable();
        for (var length = 1; length <= TopTable.MaxKeyBytes; length++)
        {
            for (var times = 0; times < 3; times++)
            {
                table.Add(Encoding.ASCII.GetBytes(new string('a', length)));
                table.Add(Encoding.ASCII.GetBytes(new string('a', length - 1) + "b"));
            }
        }

        Assert.Equal(2 * TopTable.MaxKeyBytes, table.Count);
        Assert.All(table.Top(2000), entry => Assert.Equal(3, entry.Count));
    }

    [Fact]
    public void A_table_of_long_keys_stays_within_its_memory()
    {
        var table = new TopTable(1024);
        for (var i = 0; i < 20_000; i++)
        {
            table.Add(Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture) + new string('k', 2000)));
            table.Add("often"u8);
        }

        Assert.InRange(table.Count, 64, 1024);
        var often = table.Top(1)[0];
        Assert.Equal("often", Encoding.ASCII.GetString(often.Key));
        Assert.Equal(20_000, often.Count);
    }

    [Fact]
    public void A_chart_of_more_time_than_it_holds_has_wider_steps_that_depend_on_the_times_only()
    {
        var random = new Random(3);
        var times = Enumerable.Range(0, 5000).Select(_ => (long)random.Next(-1_000_000, 100_000_000)).ToArray();
        var inOrder = new MinuteChart(100);
        foreach (var time in times.Order())
        {
            inOrder.Add(time);
        }

        var merged = new MinuteChart(100);
        foreach (var chunk in times.Chunk(700))
        {
            var part = new MinuteChart(100);
            foreach (var time in chunk)
            {
                part.Add(time);
            }

            merged.Merge(part);
        }

        Assert.Equal(inOrder.StepMinutes, merged.StepMinutes);
        Assert.Equal(inOrder.Steps(), merged.Steps());
        Assert.Equal(5000, merged.Steps().Sum(step => step.Value));
        Assert.InRange(merged.Steps().Count, 50, 100);
    }
}
