@echo off
rem Starts Tantra Host on Windows: tantra --help
rem Finds a JDK 25 (TANTRA_JAVA_HOME, JAVA25_HOME, JAVA_HOME, PATH, Program Files) and builds on first use. Unlike ./tantra
rem it does not look whether sources are newer than the build: after a change run "mvn -Dmaven.test.skip=true -pl !it,!arch package".
setlocal
set "install=%~dp0"
set "install=%install:~0,-1%"

set "java="
for %%H in ("%TANTRA_JAVA_HOME%" "%JAVA25_HOME%" "%JAVA_HOME%") do call :try "%%~H"
for /f "delims=" %%J in ('where java 2^>nul') do call :try "%%~dpJ.."
for /d %%H in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*" "%ProgramFiles%\Zulu\zulu-*") do call :try "%%~H"
if not defined java (
  echo Tantra Host needs a JDK 25 or newer and found none ^(looked at TANTRA_JAVA_HOME, JAVA25_HOME, JAVA_HOME, PATH and Program Files^). 1>&2
  echo Install one, for example from https://adoptium.net, or set TANTRA_JAVA_HOME to its folder. 1>&2
  exit /b 1
)

if not exist "%install%\host\target\lib" (
  where mvn >nul 2>nul || (echo Tantra Host is built with Maven, and there is no mvn on the PATH. 1>&2 & exit /b 1)
  if not exist "%install%\target" mkdir "%install%\target"
  echo Building Tantra Host; this takes a minute or two ^(log: %install%\target\build.log^) 1>&2
  pushd "%install%"
  call mvn -B -Dmaven.test.skip=true -pl !it,!arch package > "%install%\target\build.log" 2>&1 || (popd & echo The build failed; see %install%\target\build.log 1>&2 & exit /b 1)
  popd
)

for %%F in ("%install%\host\target\tantra-host-*.jar") do set "host=%%~fF"
"%java%" "@%install%\tools\jvm.options" %TANTRA_JAVA_OPTS% "-Dtantra.install=%install%" ^
  -cp "%host%;%install%\host\target\lib\*" org.tantra.host.cli.TantraCli %*
exit /b %ERRORLEVEL%

:try
if defined java exit /b
if "%~1"=="" exit /b
if not exist "%~1\bin\java.exe" exit /b
for /f tokens^=2^ delims^=^" %%V in ('findstr /b "JAVA_VERSION=" "%~1\release" 2^>nul') do (
  for /f "delims=.-+" %%M in ("%%V") do if %%M GEQ 25 set "java=%~1\bin\java.exe"
)
exit /b
