using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>What is used of the system's C library. Structures that differ between libraries are opaque memory of ample size.</summary>
internal static unsafe partial class Libc
{
    /// <summary>Bytes that hold any library's <c>posix_spawn_file_actions_t</c>, <c>posix_spawnattr_t</c> or <c>sigset_t</c>.</summary>
    public const int OpaqueSize = 1024;

    public const int WNoHang = 1;
    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int NoChild = 10;
    public const int GetDescriptorFlags = 1;

    private const string Library = "libc";

    public static int OpenReadWrite => 2;

    public static int OpenReadOnly => 0;

    public static int OpenAppend => OperatingSystem.IsMacOS() ? 0x1 | 0x8 | 0x200 : 0x1 | 0x400 | 0x40;

    public static int OpenTruncate => OperatingSystem.IsMacOS() ? 0x1 | 0x400 | 0x200 : 0x1 | 0x200 | 0x40;

    /// <summary>Default signals (4), signal mask (8), and, where it is asked for, a session of its own.</summary>
    public static short SpawnFlags(bool newSession) =>
        (short)(0x04 | 0x08 | (newSession ? OperatingSystem.IsMacOS() ? 0x400 : 0x80 : 0));

    [LibraryImport(Library)]
    public static partial int posix_spawnp(out int pid, byte* file, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclose(void* actions, int descriptor);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addopen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport(Library)]
    public static partial int sigfillset(void* signals);

    [LibraryImport(Library)]
    public static partial int sigemptyset(void* signals);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getpgid(int pid);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe(int* descriptors);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getppid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lchown(string path, uint user, uint group);

    /// <summary>Variable arguments: called on Linux only, whose calling convention does not treat them apart.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    /// <summary>Linux: the user by whose rights the calling thread uses files.</summary>
    [LibraryImport(Library)]
    public static partial int setfsuid(uint user);

    /// <summary>Linux: the group by whose rights the calling thread uses files.</summary>
    [LibraryImport(Library)]
    public static partial int setfsgid(uint group);

    /// <summary>Linux: looks which child has ended, without collecting it.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int kind, uint id, byte* info, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
