using System.Buffers;
using System.Text;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>The line that stands in a log file for lines that are not there.</summary>
internal sealed class LogNotice(LogConfig config, TimeProvider time)
{
    private readonly LineFormat _format = new(config, "starling", -1);

    public byte[] Of(long lines, string reason)
    {
        var text = $"[starling] {lines} {(lines == 1 ? "line" : "lines")} of output {(lines == 1 ? "was" : "were")} not written: {(reason.Length > 0 ? reason : "they came faster than the disk takes them")}";
        var target = new ArrayBufferWriter<byte>();
        _format.Write(Encoding.UTF8.GetBytes(text), LogStream.Error, time.GetLocalNow(), target);
        return target.WrittenSpan.ToArray();
    }
}
